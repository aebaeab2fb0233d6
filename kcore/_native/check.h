/* CHECK(condition): an assertion of the debug build; costs nothing in others. */
#ifndef KCORE_CHECK_H
#define KCORE_CHECK_H

#ifdef KCORE_DEBUG
#include <assert.h>
#define CHECK(condition) assert(condition)
#else
#define CHECK(condition) ((void)0)
#endif

#endif
