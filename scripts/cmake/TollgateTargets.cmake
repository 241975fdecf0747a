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
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES
    PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()
