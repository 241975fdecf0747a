# tollgate::warnings is linked PRIVATE by our targets only: a user of the
# libraries never inherits our flags, -Werror least of all.
add_library(tollgate_warnings INTERFACE)
add_library(tollgate::warnings ALIAS tollgate_warnings)
target_compile_options(tollgate_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough
  -Wno-missing-field-initializers  # designated initialisers leave out what has a default
  $<$<BOOL:${TOLLGATE_WERROR}>:-Werror>)
