# Writes OUTPUT, one translation unit that holds all SOURCES: first what they include, then each in a
# namespace of its own, so that they may give one name to different things. A source that specialises
# a template of somebody else's cannot be joined.
cmake_minimum_required(VERSION 3.25)

set(includes "")
set(program "")
foreach(source IN LISTS SOURCES)
    file(STRINGS ${source} lines REGEX "^#include ")
    list(APPEND includes ${lines})
    cmake_path(GET source STEM name)
    string(APPEND program "\nnamespace joined_${name} {\n#include \"${source}\"\n}\n")
endforeach()
list(REMOVE_DUPLICATES includes)
list(JOIN includes "\n" includes)
file(WRITE ${OUTPUT} "${includes}\n${program}")
