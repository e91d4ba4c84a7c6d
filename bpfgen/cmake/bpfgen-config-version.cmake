# find_package(bpfgen VERSION) asks this file, and it asks the program, which alone knows.
# A version fits where it isn't older than the one that is wanted; a range can set an end.

set(_bpfgen_bin "") # as in bpfgen-config.cmake
if(CMAKE_CURRENT_LIST_DIR MATCHES "^(.*)/(share|lib/[^/]+/[^/]+-packages/bpfgen)/cmake(/bpfgen)?$")
  set(_bpfgen_bin "${CMAKE_MATCH_1}/bin")
endif()
find_program(
  _bpfgen_program bpfgen
  HINTS ${_bpfgen_bin}
  NO_CMAKE_FIND_ROOT_PATH)
set(_bpfgen_asked "${_bpfgen_program}")
unset(_bpfgen_program CACHE)
if(BPFGEN_EXECUTABLE)
  set(_bpfgen_asked "${BPFGEN_EXECUTABLE}")
endif()

set(_bpfgen_answer "")
if(_bpfgen_asked)
  execute_process(
    COMMAND "${_bpfgen_asked}" --version OUTPUT_VARIABLE _bpfgen_answer ERROR_QUIET)
endif()
if(NOT _bpfgen_answer MATCHES "^bpfgen ([0-9]+(\\.[0-9]+)*)")
  set(PACKAGE_VERSION "unknown")
  set(PACKAGE_VERSION_COMPATIBLE TRUE) # bpfgen-config.cmake will say what is missing
  return()
endif()
set(PACKAGE_VERSION "${CMAKE_MATCH_1}")

set(PACKAGE_VERSION_COMPATIBLE TRUE)
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MIN
     OR PACKAGE_VERSION VERSION_GREATER PACKAGE_FIND_VERSION_MAX
     OR (PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "EXCLUDE"
         AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX))
    set(PACKAGE_VERSION_COMPATIBLE FALSE)
  endif()
elseif(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
elseif(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()
