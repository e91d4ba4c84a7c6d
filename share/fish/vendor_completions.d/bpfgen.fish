# fish completion for bpfgen
# Generated from the option table of bpfgen. Do not edit.

function __bpfgen_is
    set -l words (commandline -opc)
    set -l command compile
    if set -q words[2]; and contains -- $words[2] inspect verify import explain kinds completions help
        set command $words[2]
    end
    test $command = $argv[1]
end

function __bpfgen_is_first
    test (count (commandline -opc)) -eq 1
end

function __bpfgen_warnings
    printf '%s
' all error
    for code in (bpfgen explain --list warnings 2>/dev/null)
        printf '%s\n' $code no-$code error=$code
    end
end

complete -c bpfgen -f
complete -c bpfgen -n __bpfgen_is_first -a inspect -d 'show the maps of any BPF object, as libbpf understands them'
complete -c bpfgen -n __bpfgen_is_first -a verify -d 'tell whether an object defines the maps as declared'
complete -c bpfgen -n __bpfgen_is_first -a import -d 'write the source for the maps of an existing object or C file'
complete -c bpfgen -n __bpfgen_is_first -a explain -d 'say what a diagnostic means, with an example'
complete -c bpfgen -n __bpfgen_is_first -a kinds -d 'print the table of map kinds, or the oldest kernel that a file works on'
complete -c bpfgen -n __bpfgen_is_first -a completions -d 'print the completions of a shell'
complete -c bpfgen -n __bpfgen_is_first -a help -d 'tell the options of a command'

complete -c bpfgen -n '__bpfgen_is compile' -k -a '(__fish_complete_suffix .dsl)'
complete -c bpfgen -n '__bpfgen_is compile' -s o -r -F -d 'what to write: .h, .o, .json, .go, .py or .rs; again for another output of the same run; `-` with --emit is standard output'
complete -c bpfgen -n '__bpfgen_is compile' -l out-dir -x -a '(__fish_complete_directories)' -d 'write below DIR, in the tree that the inputs make'
complete -c bpfgen -n '__bpfgen_is compile' -l base -x -a '(__fish_complete_directories)' -d 'the directory that this tree begins at, not the working one'
complete -c bpfgen -n '__bpfgen_is compile' -l emit -x -a 'header object json go python rust none' -d 'what to write, whatever the name of the file; several, with commas, into --out-dir; none: check only'
complete -c bpfgen -n '__bpfgen_is compile' -l style -x -a 'modern initializer' -d 'the form of the declarations'
complete -c bpfgen -n '__bpfgen_is compile' -l accessors -f -a 'libbpf-rs aya' -d 'typed access to the maps, too'
complete -c bpfgen -n '__bpfgen_is compile' -l go-package -x -d 'the package of the file; else $GOPACKAGE, else a name made of the source\'s'
complete -c bpfgen -n '__bpfgen_is compile' -l map-import -x -d 'where an imported file\'s types are, if not beside this output'
complete -c bpfgen -n '__bpfgen_is compile' -l rust-derive -x -a 'zerocopy bytemuck aya' -d 'traits of which libraries the types derive'
complete -c bpfgen -n '__bpfgen_is compile' -l target -x -a 'bpf bpfel bpfeb' -d 'byte order of objects; bpf is the host\'s'
complete -c bpfgen -n '__bpfgen_is compile' -l verify -d 'read the compiled header back (the default where there is a clang)'
complete -c bpfgen -n '__bpfgen_is compile' -l no-verify -d 'not --verify'
complete -c bpfgen -n '__bpfgen_is compile' -s I -x -a '(__fish_complete_directories)' -d 'look there for imports and C headers'
complete -c bpfgen -n '__bpfgen_is compile' -s D -x -d 'replace the value of a const, or say what a macro is that `when` asks for'
complete -c bpfgen -n '__bpfgen_is compile' -s U -x -d 'say that a macro that `when` asks for isn\'t defined'
complete -c bpfgen -n '__bpfgen_is compile' -l types -x -d 'types of an object or C file that no map needs, too'
complete -c bpfgen -n '__bpfgen_is compile' -l kernel -x -d 'check against this kernel, not `target kernel`'
complete -c bpfgen -n '__bpfgen_is compile' -l libbpf -x -d 'check against this libbpf, not `target libbpf`'
complete -c bpfgen -n '__bpfgen_is compile' -l cilium -x -d 'check against this cilium/ebpf, not `target cilium`'
complete -c bpfgen -n '__bpfgen_is compile' -l aya -x -d 'check against this aya, not `target aya`'
complete -c bpfgen -n '__bpfgen_is compile' -l cpus -x -d 'count the memory of per-CPU values for N CPUs, not for one'
complete -c bpfgen -n '__bpfgen_is compile' -l memory-limit -x -d 'warn of a map that takes more than SIZE when it is created, not 1 GiB'
complete -c bpfgen -n '__bpfgen_is compile' -l relax-compat -d 'unknown attributes are only warned of'
complete -c bpfgen -n '__bpfgen_is compile' -l no-relax-compat -d 'not --relax-compat'
complete -c bpfgen -n '__bpfgen_is compile' -l clang -r -F -d 'the compiler; else BPFGEN_CLANG, else the newest found'
complete -c bpfgen -n '__bpfgen_is compile' -l clang-arg -x -d 'a flag that every run of the compiler gets: --clang-arg=-fms-extensions'
complete -c bpfgen -n '__bpfgen_is compile' -l btf -r -F -d 'the kernel\'s types for `include kernel;`; a module\'s after its kernel\'s'
complete -c bpfgen -n '__bpfgen_is compile' -s p -x -a '(__fish_complete_directories)' -d 'flags of C files from the compile_commands.json in DIR'
complete -c bpfgen -n '__bpfgen_is compile' -l no-cache -d 'ask the compiler anew, and keep nothing of what it says of headers'
complete -c bpfgen -n '__bpfgen_is compile' -l config -r -F -d 'take [tool.bpfgen] from FILE, not from the nearest pyproject.toml'
complete -c bpfgen -n '__bpfgen_is compile' -l no-config -d 'take it from nowhere'
complete -c bpfgen -n '__bpfgen_is compile' -l check -d 'write nothing; show what differs on disk, exit 1'
complete -c bpfgen -n '__bpfgen_is compile' -l depfile -r -F -d 'write dependencies for make or ninja'
complete -c bpfgen -n '__bpfgen_is compile' -l depfile-target -r -F -d 'what depends on them there, if not the outputs: a stamp file'
complete -c bpfgen -n '__bpfgen_is compile' -l watch -d 'stay, and compile again whenever something that was read changes'
complete -c bpfgen -n '__bpfgen_is compile' -s W -x -a '(__bpfgen_warnings)' -d 'want the warning CODE; no-CODE: don\'t; all: style too; error, error=CODE: as errors'
complete -c bpfgen -n '__bpfgen_is compile' -l diagnostics -x -a 'text json github sarif' -d 'the form of messages on standard error'
complete -c bpfgen -n '__bpfgen_is compile' -l color -x -a 'auto always never' -d 'colours in messages, and in tables on standard output'
complete -c bpfgen -n '__bpfgen_is compile' -s v -l verbose -d 'say what was written'
complete -c bpfgen -n '__bpfgen_is compile' -l cmake-dir -d 'print the directory for CMake\'s bpfgen_DIR'
complete -c bpfgen -n '__bpfgen_is compile' -l version -d 'print the version'
complete -c bpfgen -n '__bpfgen_is compile' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is inspect' -k -a '(__fish_complete_suffix .o)'
complete -c bpfgen -n '__bpfgen_is inspect' -l format -x -a 'text json' -d 'json: one object a line, for programs'
complete -c bpfgen -n '__bpfgen_is inspect' -l types -d 'key and value types in C, with offsets and holes'
complete -c bpfgen -n '__bpfgen_is inspect' -l as -x -d 'the maps as this loader creates them: libbpf, cilium, aya; =VERSION for an older one'
complete -c bpfgen -n '__bpfgen_is inspect' -l relax-compat -d 'unknown attributes are ignored'
complete -c bpfgen -n '__bpfgen_is inspect' -l no-relax-compat -d 'not --relax-compat'
complete -c bpfgen -n '__bpfgen_is inspect' -l diagnostics -x -a 'text json github sarif' -d 'the form of messages on standard error'
complete -c bpfgen -n '__bpfgen_is inspect' -l color -x -a 'auto always never' -d 'colours in messages, and in tables on standard output'
complete -c bpfgen -n '__bpfgen_is inspect' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is verify' -F
complete -c bpfgen -n '__bpfgen_is verify' -l exact -d 'maps that aren\'t declared are errors'
complete -c bpfgen -n '__bpfgen_is verify' -l format -x -a 'text json' -d 'json: one object, for programs'
complete -c bpfgen -n '__bpfgen_is verify' -s I -x -a '(__fish_complete_directories)' -d 'look there for imports and C headers'
complete -c bpfgen -n '__bpfgen_is verify' -s D -x -d 'replace the value of a const, or say what a macro is that `when` asks for'
complete -c bpfgen -n '__bpfgen_is verify' -s U -x -d 'say that a macro that `when` asks for isn\'t defined'
complete -c bpfgen -n '__bpfgen_is verify' -l kernel -x -d 'check against this kernel, not `target kernel`'
complete -c bpfgen -n '__bpfgen_is verify' -l libbpf -x -d 'check against this libbpf, not `target libbpf`'
complete -c bpfgen -n '__bpfgen_is verify' -l cilium -x -d 'check against this cilium/ebpf, not `target cilium`'
complete -c bpfgen -n '__bpfgen_is verify' -l aya -x -d 'check against this aya, not `target aya`'
complete -c bpfgen -n '__bpfgen_is verify' -l relax-compat -d 'unknown attributes are only warned of'
complete -c bpfgen -n '__bpfgen_is verify' -l no-relax-compat -d 'not --relax-compat'
complete -c bpfgen -n '__bpfgen_is verify' -l clang -r -F -d 'the compiler; else BPFGEN_CLANG, else the newest found'
complete -c bpfgen -n '__bpfgen_is verify' -l clang-arg -x -d 'a flag that every run of the compiler gets: --clang-arg=-fms-extensions'
complete -c bpfgen -n '__bpfgen_is verify' -l btf -r -F -d 'the kernel\'s types for `include kernel;`; a module\'s after its kernel\'s'
complete -c bpfgen -n '__bpfgen_is verify' -s p -x -a '(__fish_complete_directories)' -d 'flags of C files from the compile_commands.json in DIR'
complete -c bpfgen -n '__bpfgen_is verify' -l no-cache -d 'ask the compiler anew, and keep nothing of what it says of headers'
complete -c bpfgen -n '__bpfgen_is verify' -l config -r -F -d 'take [tool.bpfgen] from FILE, not from the nearest pyproject.toml'
complete -c bpfgen -n '__bpfgen_is verify' -l no-config -d 'take it from nowhere'
complete -c bpfgen -n '__bpfgen_is verify' -s W -x -a '(__bpfgen_warnings)' -d 'want the warning CODE; no-CODE: don\'t; all: style too; error, error=CODE: as errors'
complete -c bpfgen -n '__bpfgen_is verify' -l diagnostics -x -a 'text json github sarif' -d 'the form of messages on standard error'
complete -c bpfgen -n '__bpfgen_is verify' -l color -x -a 'auto always never' -d 'colours in messages, and in tables on standard output'
complete -c bpfgen -n '__bpfgen_is verify' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is import' -F
complete -c bpfgen -n '__bpfgen_is import' -s o -r -F -d 'what to write; `-` is standard output'
complete -c bpfgen -n '__bpfgen_is import' -l replace -d 'in C: cut the maps out and include the header of the source, once proved the same'
complete -c bpfgen -n '__bpfgen_is import' -l diff -d 'with --replace: write nothing; show what would be changed'
complete -c bpfgen -n '__bpfgen_is import' -l out-dir -x -a '(__fish_complete_directories)' -d 'write below DIR, in the tree that the inputs make'
complete -c bpfgen -n '__bpfgen_is import' -l base -x -a '(__fish_complete_directories)' -d 'the directory that this tree begins at, not the working one'
complete -c bpfgen -n '__bpfgen_is import' -s I -x -a '(__fish_complete_directories)' -d 'look there for imports and C headers'
complete -c bpfgen -n '__bpfgen_is import' -s D -x -d 'define a macro of the C file'
complete -c bpfgen -n '__bpfgen_is import' -s U -x -d 'undefine a macro of the C file'
complete -c bpfgen -n '__bpfgen_is import' -l in -r -F -d 'the program that includes the header which is imported, and gives it its meaning'
complete -c bpfgen -n '__bpfgen_is import' -l move-types -d 'types of the project\'s headers are declared by sources, not included'
complete -c bpfgen -n '__bpfgen_is import' -l headers -x -d 'headers of the project: types of an object that they have are included, not declared'
complete -c bpfgen -n '__bpfgen_is import' -l kernel -x -d 'the rules of this kernel decide what is to be allowed'
complete -c bpfgen -n '__bpfgen_is import' -l relax-compat -d 'unknown attributes are ignored'
complete -c bpfgen -n '__bpfgen_is import' -l no-relax-compat -d 'not --relax-compat'
complete -c bpfgen -n '__bpfgen_is import' -l clang -r -F -d 'the compiler; else BPFGEN_CLANG, else the newest found'
complete -c bpfgen -n '__bpfgen_is import' -l clang-arg -x -d 'a flag that every run of the compiler gets: --clang-arg=-fms-extensions'
complete -c bpfgen -n '__bpfgen_is import' -l btf -r -F -d 'the kernel\'s types for `include kernel;`; a module\'s after its kernel\'s'
complete -c bpfgen -n '__bpfgen_is import' -s p -x -a '(__fish_complete_directories)' -d 'flags of C files from the compile_commands.json in DIR'
complete -c bpfgen -n '__bpfgen_is import' -l no-cache -d 'ask the compiler anew, and keep nothing of what it says of headers'
complete -c bpfgen -n '__bpfgen_is import' -l config -r -F -d 'take [tool.bpfgen] from FILE, not from the nearest pyproject.toml'
complete -c bpfgen -n '__bpfgen_is import' -l no-config -d 'take it from nowhere'
complete -c bpfgen -n '__bpfgen_is import' -l check -d 'write nothing; show what differs on disk, exit 1'
complete -c bpfgen -n '__bpfgen_is import' -s W -x -a '(__bpfgen_warnings)' -d 'want the warning CODE; no-CODE: don\'t; all: style too; error, error=CODE: as errors'
complete -c bpfgen -n '__bpfgen_is import' -l diagnostics -x -a 'text json github sarif' -d 'the form of messages on standard error'
complete -c bpfgen -n '__bpfgen_is import' -l color -x -a 'auto always never' -d 'colours in messages, and in tables on standard output'
complete -c bpfgen -n '__bpfgen_is import' -s v -l verbose -d 'say what was written'
complete -c bpfgen -n '__bpfgen_is import' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is explain' -k -a '(bpfgen explain --list all 2>/dev/null)'
complete -c bpfgen -n '__bpfgen_is explain' -l list -x -a 'all warnings' -d 'the codes alone, a line each, for programs'
complete -c bpfgen -n '__bpfgen_is explain' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is kinds' -k -a '(bpfgen kinds 2>/dev/null | string replace -r \' .*\' \'\' | tail -n +2)'
complete -c bpfgen -n '__bpfgen_is kinds' -l format -x -a 'text json markdown' -d 'the form of the output'
complete -c bpfgen -n '__bpfgen_is kinds' -l needs -x -a '(__fish_complete_suffix .dsl)' -d 'the oldest kernel and loaders that the maps of FILE work with, and what asks for them'
complete -c bpfgen -n '__bpfgen_is kinds' -s I -x -a '(__fish_complete_directories)' -d 'look there for imports and C headers'
complete -c bpfgen -n '__bpfgen_is kinds' -s D -x -d 'replace the value of a const, or say what a macro is that `when` asks for'
complete -c bpfgen -n '__bpfgen_is kinds' -s U -x -d 'say that a macro that `when` asks for isn\'t defined'
complete -c bpfgen -n '__bpfgen_is kinds' -l relax-compat -d 'unknown attributes are only warned of'
complete -c bpfgen -n '__bpfgen_is kinds' -l no-relax-compat -d 'not --relax-compat'
complete -c bpfgen -n '__bpfgen_is kinds' -l clang -r -F -d 'the compiler; else BPFGEN_CLANG, else the newest found'
complete -c bpfgen -n '__bpfgen_is kinds' -l clang-arg -x -d 'a flag that every run of the compiler gets: --clang-arg=-fms-extensions'
complete -c bpfgen -n '__bpfgen_is kinds' -l btf -r -F -d 'the kernel\'s types for `include kernel;`; a module\'s after its kernel\'s'
complete -c bpfgen -n '__bpfgen_is kinds' -l no-cache -d 'ask the compiler anew, and keep nothing of what it says of headers'
complete -c bpfgen -n '__bpfgen_is kinds' -l config -r -F -d 'take [tool.bpfgen] from FILE, not from the nearest pyproject.toml'
complete -c bpfgen -n '__bpfgen_is kinds' -l no-config -d 'take it from nowhere'
complete -c bpfgen -n '__bpfgen_is kinds' -l diagnostics -x -a 'text json github sarif' -d 'the form of messages on standard error'
complete -c bpfgen -n '__bpfgen_is kinds' -l color -x -a 'auto always never' -d 'colours in messages, and in tables on standard output'
complete -c bpfgen -n '__bpfgen_is kinds' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is completions' -k -a 'bash zsh fish'
complete -c bpfgen -n '__bpfgen_is completions' -s h -l help -d 'print this help'

complete -c bpfgen -n '__bpfgen_is help' -k -a 'compile inspect verify import explain kinds completions help'
complete -c bpfgen -n '__bpfgen_is help' -s h -l help -d 'print this help'
