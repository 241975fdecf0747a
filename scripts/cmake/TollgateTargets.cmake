# One static library per layer; link lines are the include rules that
# scripts/check_layers.py knows. Sources are listed: a glob hides a forgotten file.
#
#   tollgate_library(http SOURCES parser.cc connection.cc LINKS tollgate::net Llhttp::Llhttp)
function(tollgate_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(tollgate_${name} STATIC ${ARG_SOURCES})
  add_library(tollgate::${name} ALIAS tollgate_${name})
  target_include_directories(tollgate_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(tollgate_${name} PUBLIC ${ARG_LINKS} tollgate::sanitizers
                        PRIVATE ${ARG_PRIVATE_LINKS} tollgate::warnings)
endfunction()

# One test executable a folder, so that a large project still links quickly.
#
#   tollgate_test(server_http SOURCES parser_test.cc LINKS tollgate::http [LABEL integration] [TIMEOUT 60])
#
# Tests labelled "release" drive what is packaged and not this build, because a
# sanitizer would spoil their timing: TOLLGATE_TEST_BINARY says where it is.
set(TOLLGATE_RELEASE_DIR ${PROJECT_SOURCE_DIR}/build/release)
function(tollgate_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LINKS;DEPENDS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LINKS} GTest::gtest_main tollgate::warnings tollgate::sanitizers)
  target_compile_definitions(${name}_test PRIVATE
    TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data" SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    TOLLGATE_BINARY="${PROJECT_BINARY_DIR}/tollgate" BUILD_DIR="${PROJECT_BINARY_DIR}")
  if(ARG_DEPENDS)
    add_dependencies(${name}_test ${ARG_DEPENDS})
  endif()
  set(environment)
  if(ARG_LABEL STREQUAL "release")
    set(environment ENVIRONMENT "TOLLGATE_TEST_BINARY=${TOLLGATE_RELEASE_DIR}/tollgate")
  endif()
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ${environment})
endfunction()

# A test that is a shell script. It is given the build that is packaged as its argument.
#
#   tollgate_script_test(integration/out_of_tree_application.sh [TIMEOUT 120])
function(tollgate_script_test script)
  cmake_parse_arguments(ARG "" "TIMEOUT" "" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  get_filename_component(name ${script} NAME_WE)
  add_test(NAME ${name} COMMAND bash ${PROJECT_SOURCE_DIR}/tests/${script} ${TOLLGATE_RELEASE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS release TIMEOUT ${ARG_TIMEOUT})
endfunction()
