# The house rules, the documentation's snippets word for word, and projects that use coffer.

foreach(checker IN ITEMS tidy snippets)
    add_executable(${checker} tidy/${checker}.cpp)
    target_compile_features(${checker} PRIVATE cxx_std_20)
    target_link_libraries(${checker} PRIVATE coffer_warnings)
    add_test(NAME ${checker}/self-test COMMAND ${checker} --self-test)
    add_test(NAME ${checker}/repository COMMAND ${checker} ${PROJECT_SOURCE_DIR})
endforeach()

if(PROJECT_IS_TOP_LEVEL)
    add_subdirectory(consumer)
endif()

# Each listed header compiles by itself. With any compiler: what is missing in one is missing there.
if(PROJECT_IS_TOP_LEVEL)
    add_custom_target(coffer_header_tests ALL)
    add_dependencies(coffer_header_tests all_verify_interface_header_sets)
endif()
