" Vim compiler file
" Compiler:	bpfgen
" :compiler bpfgen, then :make checks the file; :make -o maps.h writes an output, too.

if exists("current_compiler")
  finish
endif
let current_compiler = "bpfgen"

let s:cpo_save = &cpo
set cpo&vim

CompilerSet makeprg=bpfgen\ --color\ never\ $*\ --\ %:S
CompilerSet errorformat=
      \%Eerror[%*[a-z0-9-]]:\ %m,
      \%Wwarning[%*[a-z0-9-]]:\ %m,
      \%Inote[%*[a-z0-9-]]:\ %m,
      \%C\ %#-->\ %f:%l:%c,
      \%Z%$,
      \%-G%.%#

let &cpo = s:cpo_save
unlet s:cpo_save
