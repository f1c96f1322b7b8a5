#include "CAVFormat.h"
