# find_package(bpfgen) reads this file. It gives
#
#   BPFGEN_EXECUTABLE       the program, a cache variable; set it to use another one
#   bpfgen::bpfgen          the same as an imported executable
#   bpfgen_add_maps(...)    headers from sources of the language
#   bpfgen_verify(...)      an object held against such sources
#
# CMake 3.20 is the oldest that reads dependency files with Makefile generators as well as Ninja.

if(CMAKE_VERSION VERSION_LESS 3.20)
  set(bpfgen_FOUND FALSE)
  set(bpfgen_NOT_FOUND_MESSAGE "bpfgen needs CMake 3.20 or newer; this is ${CMAKE_VERSION}.")
  return()
endif()
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

# The program of the same installation first. This file is in share/cmake/bpfgen below its prefix,
# and in lib/python3.x/site-packages/bpfgen/cmake; in a checkout there is nothing beside it.
set(_bpfgen_bin "")
if(CMAKE_CURRENT_LIST_DIR MATCHES "^(.*)/(share|lib/[^/]+/[^/]+-packages/bpfgen)/cmake(/bpfgen)?$")
  set(_bpfgen_bin "${CMAKE_MATCH_1}/bin")
endif()
find_program(
  BPFGEN_EXECUTABLE bpfgen
  HINTS ${_bpfgen_bin}
  NO_CMAKE_FIND_ROOT_PATH
  DOC "The compiler of BPF maps")
mark_as_advanced(BPFGEN_EXECUTABLE)
if(NOT BPFGEN_EXECUTABLE)
  set(bpfgen_FOUND FALSE)
  set(bpfgen_NOT_FOUND_MESSAGE
      "The program bpfgen isn't on the PATH; -DBPFGEN_EXECUTABLE=/path/to/bpfgen names it.")
  cmake_policy(POP)
  return()
endif()
if(NOT TARGET bpfgen::bpfgen)
  add_executable(bpfgen::bpfgen IMPORTED GLOBAL)
  set_target_properties(bpfgen::bpfgen PROPERTIES IMPORTED_LOCATION "${BPFGEN_EXECUTABLE}")
endif()

# bpfgen_add_maps(<target> SOURCES <file.dsl>...
#                 [OUT_DIR <directory>] [BASE_DIR <directory>]
#                 [INCLUDE_DIRECTORIES <directory>...] [DEFINITIONS <NAME=VALUE>...]
#                 [KERNEL <version>] [CLANG <program>] [OPTIONS <option>...])
#
# Writes a header for each source, <OUT_DIR>/x/y.h for <BASE_DIR>/x/y.dsl. Where there is no target
# of that name, it becomes an INTERFACE library; who links to it finds the headers and is built
# after them. To a target that is there, the headers are added as sources and their directory as an
# include directory. A header is made again when its source, an import, or a C header that one of
# them includes has changed.
#
# OUT_DIR is bpfgen/<target> in the current binary directory where it isn't given, BASE_DIR the
# current source directory. INCLUDE_DIRECTORIES, DEFINITIONS and OPTIONS take generator expressions.
#
# In the caller, <target>_HEADERS lists the headers, <target>_INCLUDE_DIR is their directory.
function(bpfgen_add_maps target)
  cmake_parse_arguments(
    PARSE_ARGV 1 arg "" "OUT_DIR;BASE_DIR;KERNEL;CLANG"
    "SOURCES;INCLUDE_DIRECTORIES;DEFINITIONS;OPTIONS")
  _bpfgen_refuse_leftovers(bpfgen_add_maps "${target}")
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "bpfgen_add_maps(${target}): SOURCES names no file.")
  endif()
  if(TARGET "${target}")
    get_target_property(aliased "${target}" ALIASED_TARGET)
    get_target_property(imported "${target}" IMPORTED)
    if(aliased OR imported)
      message(FATAL_ERROR "bpfgen_add_maps(${target}): an alias or imported target can't be added to.")
    endif()
  endif()
  _bpfgen_absolute(out_dir "${arg_OUT_DIR}" "${CMAKE_CURRENT_BINARY_DIR}" "bpfgen/${target}")
  _bpfgen_absolute(base_dir "${arg_BASE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}" "")
  _bpfgen_options(options)
  list(LENGTH arg_SOURCES count)
  if(arg_DEFINITIONS AND count GREATER 1) # each is for those sources that have such a constant
    list(APPEND options -W no-unknown-definition)
  endif()

  set(headers "")
  set(sources "")
  foreach(name IN LISTS arg_SOURCES)
    _bpfgen_source(bpfgen_add_maps "${name}" source)
    set(base "${CMAKE_CURRENT_BINARY_DIR}") # a source that the build itself makes
    _bpfgen_is_below("${base}" "${source}" below)
    if(NOT below OR arg_BASE_DIR)
      _bpfgen_is_below("${base_dir}" "${source}" below_base_dir)
      if(below_base_dir)
        set(base "${base_dir}")
        set(below TRUE)
      endif()
    endif()
    if(NOT below)
      message(FATAL_ERROR
        "bpfgen_add_maps(${target}): ${name} lies outside of ${base_dir}. BASE_DIR names the "
        "directory that the headers' names are relative to.")
    endif()
    file(RELATIVE_PATH relative "${base}" "${source}")
    string(REGEX REPLACE "\\.(dsl|bpfmap)$" ".h" header "${out_dir}/${relative}")
    get_filename_component(directory "${header}" DIRECTORY)
    file(MAKE_DIRECTORY "${directory}")

    # bpfgen leaves a header alone whose bytes don't change. Ninja looks at it again and builds
    # nothing more; make would run the command each time, unless the header is as new as its source.
    set(touch "")
    if(NOT CMAKE_GENERATOR MATCHES "Ninja")
      set(touch COMMAND "${CMAKE_COMMAND}" -E touch_nocreate "${header}")
    endif()
    add_custom_command(
      OUTPUT "${header}"
      COMMAND bpfgen::bpfgen ${options} ${arg_OPTIONS}
              -o "${header}" --emit header --depfile "${header}.d" -- "${source}"
      ${touch}
      MAIN_DEPENDENCY "${source}"
      DEPENDS bpfgen::bpfgen
      DEPFILE "${header}.d"
      COMMENT "Generating BPF maps ${relative}"
      VERBATIM COMMAND_EXPAND_LISTS)
    list(APPEND headers "${header}")
    list(APPEND sources "${source}")
  endforeach()

  # A target of its own, so that other directories can wait for the headers too.
  set(headers_target "${target}.headers")
  while(TARGET "${headers_target}") # a second call for the same target
    string(APPEND headers_target "+")
  endwhile()
  add_custom_target("${headers_target}" DEPENDS ${headers})
  if(NOT TARGET "${target}")
    add_library("${target}" INTERFACE)
  endif()
  get_target_property(type "${target}" TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_include_directories("${target}" INTERFACE "$<BUILD_INTERFACE:${out_dir}>")
  elseif(NOT type STREQUAL "UTILITY")
    target_sources("${target}" PRIVATE ${headers})
    target_include_directories("${target}" PUBLIC "$<BUILD_INTERFACE:${out_dir}>")
  endif()
  add_dependencies("${target}" "${headers_target}")
  set_property(TARGET "${target}" APPEND PROPERTY BPFGEN_SOURCES ${sources})
  _bpfgen_of_verify(shared ${arg_OPTIONS})
  set_property(TARGET "${target}" PROPERTY BPFGEN_OPTIONS "${options}" ${shared})
  set("${target}_HEADERS" ${headers} PARENT_SCOPE)
  set("${target}_INCLUDE_DIR" "${out_dir}" PARENT_SCOPE)
endfunction()

# bpfgen_verify(<name> OBJECT <file> [MAPS <target>] [SOURCES <file.dsl>...] [EXACT]
#               [INCLUDE_DIRECTORIES <directory>...] [DEFINITIONS <NAME=VALUE>...]
#               [KERNEL <version>] [CLANG <program>] [OPTIONS <option>...])
#
# Adds a target <name>, part of `all`, that fails unless the object defines the maps as the sources
# declare them. MAPS names a target of bpfgen_add_maps: its sources are meant where SOURCES names
# none, and its INCLUDE_DIRECTORIES, DEFINITIONS, KERNEL and CLANG hold here too, as do those of its
# OPTIONS that `bpfgen verify` has, such as -W. With EXACT, maps that no source declares are errors;
# there is then one source only. OBJECT may be a generator expression, as $<TARGET_OBJECTS:prog>.
function(bpfgen_verify name)
  cmake_parse_arguments(
    PARSE_ARGV 1 arg "EXACT" "OBJECT;MAPS;KERNEL;CLANG"
    "SOURCES;INCLUDE_DIRECTORIES;DEFINITIONS;OPTIONS")
  _bpfgen_refuse_leftovers(bpfgen_verify "${name}")
  if(NOT arg_OBJECT)
    message(FATAL_ERROR "bpfgen_verify(${name}): OBJECT names no file.")
  endif()
  _bpfgen_options(options)
  if(arg_MAPS)
    if(NOT TARGET "${arg_MAPS}")
      message(FATAL_ERROR "bpfgen_verify(${name}): MAPS ${arg_MAPS} is no target.")
    endif()
    get_target_property(declared "${arg_MAPS}" BPFGEN_SOURCES)
    if(NOT declared)
      message(FATAL_ERROR "bpfgen_verify(${name}): ${arg_MAPS} has no maps of bpfgen_add_maps.")
    endif()
    get_target_property(inherited "${arg_MAPS}" BPFGEN_OPTIONS)
    list(PREPEND options ${inherited})
  endif()
  if(arg_SOURCES)
    set(declared ${arg_SOURCES})
  elseif(NOT arg_MAPS)
    message(FATAL_ERROR "bpfgen_verify(${name}): SOURCES names no file, and MAPS no target.")
  endif()
  if(arg_EXACT)
    list(LENGTH declared count)
    if(count GREATER 1)
      message(FATAL_ERROR "bpfgen_verify(${name}): EXACT holds the object against one source.")
    endif()
    list(APPEND options --exact)
  endif()
  set(object "${arg_OBJECT}")
  if(NOT object MATCHES "\\$<")
    _bpfgen_absolute(object "${object}" "${CMAKE_CURRENT_BINARY_DIR}" "")
  endif()

  set(commands "")
  set(files "")
  foreach(each IN LISTS declared)
    _bpfgen_source(bpfgen_verify "${each}" source)
    list(APPEND files "${source}")
    list(APPEND commands COMMAND bpfgen::bpfgen verify ${options} ${arg_OPTIONS}
         -- "${object}" "${source}")
  endforeach()
  set(stamp "${CMAKE_CURRENT_BINARY_DIR}/${name}.stamp")
  add_custom_command(
    OUTPUT "${stamp}"
    ${commands}
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS "${object}" ${files} bpfgen::bpfgen
    COMMENT "Verifying the maps of ${name}"
    VERBATIM COMMAND_EXPAND_LISTS)
  add_custom_target("${name}" ALL DEPENDS "${stamp}")
endfunction()

# What follows is for the two functions above alone.

# Stop at words that belong to no keyword, and at keywords without words.
macro(_bpfgen_refuse_leftovers function name)
  if(arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " words)
    message(FATAL_ERROR "${function}(${name}): it isn't clear what ${words} is for.")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    list(JOIN arg_KEYWORDS_MISSING_VALUES ", " words)
    message(FATAL_ERROR "${function}(${name}): nothing follows ${words}.")
  endif()
endmacro()

# Set `variable` to `path`, taken relative to `base`; to `otherwise` where there is none.
function(_bpfgen_absolute variable path base otherwise)
  if(path STREQUAL "")
    set(path "${otherwise}")
  endif()
  get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${base}")
  set("${variable}" "${path}" PARENT_SCOPE)
endfunction()

# Set `variable` to whether `path` lies in the directory `base` or below it.
function(_bpfgen_is_below base path variable)
  file(RELATIVE_PATH relative "${base}" "${path}")
  if(relative MATCHES "^\\.\\./" OR IS_ABSOLUTE "${relative}")
    set("${variable}" FALSE PARENT_SCOPE)
  else()
    set("${variable}" TRUE PARENT_SCOPE)
  endif()
endfunction()

# Set `variable` to the absolute path of a source; as in add_executable, what isn't in the source
# directory will be made in the binary directory.
function(_bpfgen_source function name variable)
  if(name MATCHES "\\$<")
    message(FATAL_ERROR "${function}: SOURCES takes no generator expressions; ${name} is one.")
  endif()
  if(NOT name MATCHES "\\.(dsl|bpfmap)$")
    message(FATAL_ERROR "${function}: ${name} doesn't end in .dsl or .bpfmap.")
  endif()
  get_filename_component(path "${name}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if(NOT EXISTS "${path}")
    get_filename_component(built "${name}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    get_source_file_property(generated "${built}" GENERATED)
    if(NOT EXISTS "${built}" AND NOT generated)
      message(FATAL_ERROR "${function}: there is no ${name} in ${CMAKE_CURRENT_SOURCE_DIR}.")
    endif()
    set(path "${built}")
  endif()
  set("${variable}" "${path}" PARENT_SCOPE)
endfunction()

# Set `variable` to those of the words that follow, options of a compilation, that `bpfgen verify`
# has too. What a generator expression comes to isn't known yet, and left out.
function(_bpfgen_of_verify variable)
  set(names "kernel|libbpf|clang|config|diagnostics|color")
  set(shared "")
  set(is_value FALSE)
  foreach(each IN LISTS ARGN)
    if(is_value)
      list(APPEND shared "${each}")
      set(is_value FALSE)
    elseif(each MATCHES "^(-[IDW]|--(${names}))$")
      list(APPEND shared "${each}")
      set(is_value TRUE)
    elseif(each MATCHES "^(-[IDW].+|--(${names})=.*|--(no-)?relax-compat|--no-config)$")
      list(APPEND shared "${each}")
    endif()
  endforeach()
  set("${variable}" ${shared} PARENT_SCOPE)
endfunction()

# Set `variable` to the options that both functions take, from the variables arg_*.
macro(_bpfgen_options variable)
  set("${variable}" "")
  foreach(each IN LISTS arg_INCLUDE_DIRECTORIES)
    if(each MATCHES "\\$<") # may come to none, one or several
      list(APPEND "${variable}" "$<$<BOOL:${each}>:-I$<JOIN:${each},$<SEMICOLON>-I>>")
    else()
      get_filename_component(each "${each}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      list(APPEND "${variable}" "-I${each}")
    endif()
  endforeach()
  foreach(each IN LISTS arg_DEFINITIONS)
    if(each MATCHES "\\$<")
      list(APPEND "${variable}" "$<$<BOOL:${each}>:-D$<JOIN:${each},$<SEMICOLON>-D>>")
    else()
      list(APPEND "${variable}" "-D${each}")
    endif()
  endforeach()
  if(NOT "${arg_KERNEL}" STREQUAL "")
    list(APPEND "${variable}" --kernel "${arg_KERNEL}")
  endif()
  if(NOT "${arg_CLANG}" STREQUAL "")
    list(APPEND "${variable}" --clang "${arg_CLANG}")
  endif()
endmacro()

cmake_policy(POP)
