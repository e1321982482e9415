# Tests that are passed, or not, while compiling; and the programs that the documentation quotes.

# Files of static_assert: to build them is to pass them.
file(GLOB static_sources CONFIGURE_DEPENDS static/*.cpp)
if(static_sources)
    add_library(coffer_static_tests OBJECT ${static_sources})
    target_link_libraries(coffer_static_tests PRIVATE coffer_test_support)
endif()

# The remaining ones call the compiler directly: faster than a build, and as parallel as ctest is.
set(includes $<TARGET_PROPERTY:coffer_test_support,INTERFACE_INCLUDE_DIRECTORIES>)
set(definitions $<TARGET_PROPERTY:coffer_test_support,INTERFACE_COMPILE_DEFINITIONS>)
file(GENERATE OUTPUT compile_test_settings.cmake CONTENT
"set(command [[${CMAKE_CXX_COMPILER}]] -std=c++20
    [[-I$<JOIN:$<REMOVE_DUPLICATES:${includes}>,]] [[-I>]]
    [[-D$<JOIN:$<REMOVE_DUPLICATES:${definitions}>,]] [[-D>]]
)
")

function(coffer_compile_test name source expect)
    add_test(NAME ${name}
        COMMAND ${CMAKE_COMMAND}
            -DSETTINGS=${CMAKE_CURRENT_BINARY_DIR}/compile_test_settings.cmake
            -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}/${source} -DEXPECT=${expect} "-DFLAGS=${ARGN}"
            -P ${CMAKE_CURRENT_SOURCE_DIR}/support/compile_test.cmake
    )
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()

# The whole library does without exceptions.
coffer_compile_test(no_exceptions odr/no_exceptions.cpp compiles -fno-exceptions)

# One mistake a file. It is refused with the sentence it announces; corrected, it compiles, so that
# nothing but the mistake is what is refused. What they include is precompiled once.
foreach(step IN ITEMS prefix fixed)
    add_test(NAME compile_fail/${step}
        COMMAND ${CMAKE_COMMAND} -DSETTINGS=${CMAKE_CURRENT_BINARY_DIR}/compile_test_settings.cmake
            -DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/compile_fail -DSTEP=${step}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/support/compile_fail.cmake
    )
endforeach()
set_tests_properties(compile_fail/prefix PROPERTIES FIXTURES_SETUP compile_fail_prefix)
set_tests_properties(compile_fail/fixed PROPERTIES FIXTURES_REQUIRED compile_fail_prefix)

file(GLOB mistakes RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS compile_fail/*.cpp)
foreach(source IN LISTS mistakes)
    cmake_path(GET source STEM name)
    coffer_compile_test(compile_fail/${name} ${source} refuses
        -include ${CMAKE_CURRENT_BINARY_DIR}/compile_fail_prefix.hpp
    )
    set_tests_properties(compile_fail/${name} PROPERTIES FIXTURES_REQUIRED compile_fail_prefix)
endforeach()

# The programs that the documentation quotes.
function(coffer_snippet_settings target)
    target_link_libraries(${target} PRIVATE
        coffer::coffer $<TARGET_NAME_IF_EXISTS:coffer::json>
        $<TARGET_NAME_IF_EXISTS:coffer::sqlite> $<TARGET_NAME_IF_EXISTS:coffer::date>
        coffer_warnings Threads::Threads
    )
    target_compile_definitions(${target} PRIVATE COFFER_DOCS_DIR="${PROJECT_SOURCE_DIR}/docs")
endfunction()

# g++ sees that each includes what it needs. With clang, a program whose common part is precompiled
# takes less than half the time.
set(precompiles_snippets OFF)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    set(precompiles_snippets ON)
    file(CONFIGURE OUTPUT snippet_prefix.cpp CONTENT "")
    add_library(snippet_prefix OBJECT ${CMAKE_CURRENT_BINARY_DIR}/snippet_prefix.cpp)
    coffer_snippet_settings(snippet_prefix)
    target_precompile_headers(snippet_prefix PRIVATE <coffer/coffer.hpp> <coffer/format.hpp>)
endif()

function(coffer_snippet name)
    add_executable(snippet_${name} ${ARGN})
    coffer_snippet_settings(snippet_${name})
    if(precompiles_snippets)
        target_precompile_headers(snippet_${name} REUSE_FROM snippet_prefix)
    endif()
    add_test(NAME snippet/${name} COMMAND snippet_${name})
    set_tests_properties(snippet/${name} PROPERTIES TIMEOUT 300)
endfunction()

set(snippets ${PROJECT_SOURCE_DIR}/docs/snippets)
file(GLOB snippet_sources CONFIGURE_DEPENDS ${snippets}/*.cpp)
if(NOT TARGET coffer::sqlite)
    list(FILTER snippet_sources EXCLUDE REGEX "/snippets/sqlite")
endif()
if(NOT TARGET coffer::date)
    list(FILTER snippet_sources EXCLUDE REGEX "/snippets/date_zones")
endif()
foreach(source IN LISTS snippet_sources)
    cmake_path(GET source STEM name)
    coffer_snippet(${name} ${source})
endforeach()
coffer_snippet(compile_times
    ${snippets}/compile_times/server.cpp ${snippets}/compile_times/billing.cpp
)
