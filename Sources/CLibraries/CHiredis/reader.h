// Of hiredis only the reply parser is used.
#include <hiredis/read.h>
