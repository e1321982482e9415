# What the mistakes in FOLDER have in common, in files beside SETTINGS (see compile_test.cmake).
# STEP=prefix precompiles all that they include. STEP=fixed compiles them corrected, all at once,
# each in a namespace of its own; if that fails it says which of them do not compile alone.
cmake_minimum_required(VERSION 3.25)

include(${SETTINGS})
cmake_path(GET SETTINGS PARENT_PATH build_dir)
set(prefix ${build_dir}/compile_fail_prefix.hpp)
file(GLOB mistakes ${FOLDER}/*.cpp)

if(STEP STREQUAL "prefix")
    set(includes "#include <coffer/coffer.hpp>")
    foreach(mistake IN LISTS mistakes)
        file(STRINGS ${mistake} lines REGEX "^#include ")
        list(APPEND includes ${lines})
    endforeach()
    list(REMOVE_DUPLICATES includes)
    list(JOIN includes "\n" includes)
    file(WRITE ${prefix} "${includes}\n")
    execute_process(
        COMMAND ${command} -x c++-header ${prefix} -o ${prefix}.gch COMMAND_ERROR_IS_FATAL ANY
    )
    return()
endif()

set(program "")
foreach(mistake IN LISTS mistakes)
    cmake_path(GET mistake STEM name)
    string(APPEND program "namespace ${name} {\n#include \"${mistake}\"\n}\n")
endforeach()
file(WRITE ${build_dir}/compile_fail_fixed.cpp "${program}")
set(command ${command} -DCOFFER_FIXED -fsyntax-only)
execute_process(
    COMMAND ${command} -include ${prefix} ${build_dir}/compile_fail_fixed.cpp
    RESULT_VARIABLE exit_code ERROR_VARIABLE output
)
if(exit_code EQUAL 0)
    return()
endif()
foreach(mistake IN LISTS mistakes)
    execute_process(COMMAND ${command} ${mistake} RESULT_VARIABLE alone ERROR_QUIET)
    if(NOT alone EQUAL 0)
        message("corrected, this has to compile, but does not: ${mistake}")
    endif()
endforeach()
message(FATAL_ERROR "${output}")
