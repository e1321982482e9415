# Runs the compiler on SOURCE, without output. With EXPECT=compiles it has to accept the file. With
# EXPECT=refuses it has to refuse it, and to say each sentence that the file announces in its first
# lines: as `// expect: <regex>` in an error, as `// shows: <regex>` anywhere in what it says. SETTINGS
# names a file that sets command, the compiler's command line.
cmake_minimum_required(VERSION 3.25)

include(${SETTINGS})
set(ENV{LC_ALL} C)  # plain quotation marks in the compiler's messages

macro(compile)
    execute_process(
        COMMAND ${command} ${FLAGS} ${ARGN} -fsyntax-only ${SOURCE}
        RESULT_VARIABLE exit_code OUTPUT_VARIABLE output ERROR_VARIABLE output
    )
endmacro()

if(EXPECT STREQUAL "compiles")
    compile()
    if(NOT exit_code EQUAL 0)
        message(FATAL_ERROR "has to compile, but does not:\n${output}")
    endif()
    return()
endif()

# Sets unsaid to a sentence that the file announces and no error says; to nothing if there is none.
function(find_unsaid sentences)
    set(unsaid "" PARENT_SCOPE)
    string(REGEX MATCHALL "[^\n]*error:[^\n]*" errors "${output}")
    foreach(sentence IN LISTS sentences)
        string(REGEX REPLACE "^// expect: " "" sentence "${sentence}")
        if(NOT errors MATCHES "${sentence}")
            set(unsaid "${sentence}" PARENT_SCOPE)
            return()
        endif()
    endforeach()
endfunction()

file(STRINGS ${SOURCE} sentences REGEX "^// expect: ")
if(NOT sentences)
    message(FATAL_ERROR "has no line `// expect: <regex>`")
endif()

# Most are refused with the first error, and a compiler that stops there is done in a moment.
compile(-Wfatal-errors)
find_unsaid("${sentences}")
if(unsaid)
    compile()
    find_unsaid("${sentences}")
endif()
if(exit_code EQUAL 0)
    message(FATAL_ERROR "has to be refused, but compiles")
endif()
if(unsaid)
    message(FATAL_ERROR "is refused, but no error says `${unsaid}`:\n${output}")
endif()

file(STRINGS ${SOURCE} sentences REGEX "^// shows: ")
if(sentences)
    compile()
endif()
foreach(sentence IN LISTS sentences)
    string(REGEX REPLACE "^// shows: " "" sentence "${sentence}")
    if(NOT output MATCHES "${sentence}")
        message(FATAL_ERROR "is refused, but nothing says `${sentence}`:\n${output}")
    endif()
endforeach()
