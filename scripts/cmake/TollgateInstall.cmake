# What `cmake --install` and the packages contain. Two components:
#   runtime  the binary, libtollgate.so.0, the service's files, the documents
#   dev      headers and the CMake package for applications outside the tree
#
# Expects, where they exist: the targets `tollgate` (executable) and `libtollgate`
# (shared library, which links its layers PRIVATE: they are inside it), and the
# list TOLLGATE_PUBLIC_HEADERS (paths from the root: all that app/api/application.h
# includes).
include(CMakePackageConfigHelpers)

set(_include_dir ${CMAKE_INSTALL_INCLUDEDIR}/tollgate)  # #include "app/api/application.h" from there
set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tollgate)

# --- The binary and the library -----------------------------------------------
if(TARGET libtollgate)
  set_target_properties(libtollgate PROPERTIES
    OUTPUT_NAME tollgate VERSION ${PROJECT_VERSION} SOVERSION 0 EXPORT_NAME tollgate)
  target_compile_features(libtollgate INTERFACE cxx_std_20)
  install(TARGETS libtollgate EXPORT tollgateTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev
    INCLUDES DESTINATION ${_include_dir})
endif()
if(TARGET tollgate)
  # Found beside the binary, wherever the tree of files is put.
  file(RELATIVE_PATH _bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
  set_target_properties(tollgate PROPERTIES INSTALL_RPATH "$ORIGIN/${_bin_to_lib}")
  install(TARGETS tollgate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
endif()

# --- For applications: headers and find_package(tollgate) ----------------------
if(TARGET libtollgate)
  foreach(header IN LISTS TOLLGATE_PUBLIC_HEADERS)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${_include_dir}/${folder} COMPONENT dev)
  endforeach()
  install(EXPORT tollgateTargets NAMESPACE tollgate:: DESTINATION ${_package_dir} COMPONENT dev)
  configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/tollgateConfig.cmake.in ${PROJECT_BINARY_DIR}/tollgateConfig.cmake
    INSTALL_DESTINATION ${_package_dir} NO_SET_AND_CHECK_MACRO)
  # Before 1.0 any minor version may break an application.
  write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/tollgateConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES
    ${PROJECT_BINARY_DIR}/tollgateConfig.cmake ${PROJECT_BINARY_DIR}/tollgateConfigVersion.cmake
    DESTINATION ${_package_dir} COMPONENT dev)
endif()

# --- The service and the documents ---------------------------------------------
install(FILES systemd/tollgate.service systemd/tollgate.socket DESTINATION lib/systemd/system COMPONENT runtime)
install(FILES systemd/tollgate.sysusers DESTINATION lib/sysusers.d RENAME tollgate.conf COMPONENT runtime)
install(FILES systemd/tollgate.tmpfiles DESTINATION lib/tmpfiles.d RENAME tollgate.conf COMPONENT runtime)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
foreach(page server auth app systemd)
  install(FILES ${page}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${page} COMPONENT runtime OPTIONAL)
endforeach()
install(FILES server/config/SETTINGS.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime OPTIONAL)

# --- Packages: cpack --config build/release/CPackConfig.cmake --------------------
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME tollgate)
set(CPACK_PACKAGE_VENDOR tollgate)
set(CPACK_PACKAGE_CONTACT "The tollgate maintainers <maintainers@tollgate.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime)
if(TARGET libtollgate)
  list(APPEND CPACK_COMPONENTS_ALL dev)
endif()
set(CPACK_COMPONENT_DEV_DEPENDS runtime)

set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_ARCHIVE_RUNTIME_FILE_NAME tollgate-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_ARCHIVE_DEV_FILE_NAME tollgate-dev-${PROJECT_VERSION}-${CMAKE_SYSTEM_PROCESSOR})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME tollgate)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "media-types")  # /etc/mime.types
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/systemd/postinst)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME tollgate-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "nlohmann-json3-dev, libexpected-dev, libfmt-dev")
include(CPack)
