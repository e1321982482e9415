# What the mistakes in FOLDER have in common, in files beside SETTINGS (see compile_test.cmake).
# STEP=prefix precompiles the library. STEP=fixed compiles all of them corrected, in one program; if
# that fails it says which of them do not compile alone.
cmake_minimum_required(VERSION 3.25)

include(${SETTINGS})
cmake_path(GET SETTINGS PARENT_PATH build_dir)
set(prefix ${build_dir}/compile_fail_prefix.hpp)

if(STEP STREQUAL "prefix")
    file(WRITE ${prefix} "#include <coffer/coffer.hpp>\n")
    execute_process(
        COMMAND ${command} -x c++-header ${prefix} -o ${prefix}.gch COMMAND_ERROR_IS_FATAL ANY
    )
    return()
endif()

file(GLOB SOURCES ${FOLDER}/*.cpp)
set(OUTPUT ${build_dir}/compile_fail_fixed.cpp)
include(${CMAKE_CURRENT_LIST_DIR}/join.cmake)

set(command ${command} -DCOFFER_FIXED -fsyntax-only)
execute_process(
    COMMAND ${command} -include ${prefix} ${OUTPUT} RESULT_VARIABLE exit_code ERROR_VARIABLE output
)
if(exit_code EQUAL 0)
    return()
endif()
foreach(source IN LISTS SOURCES)
    execute_process(COMMAND ${command} ${source} RESULT_VARIABLE alone ERROR_QUIET)
    if(NOT alone EQUAL 0)
        message("corrected, this has to compile, but does not: ${source}")
    endif()
endforeach()
message(FATAL_ERROR "${output}")
