/* struct loop of base/loop.h on Kore's event loop, see kore_loop.c. */
#ifndef SERVER_KORE_LOOP_H
#define SERVER_KORE_LOOP_H

#include "base/loop.h"

extern struct loop	kore_loop;

#endif
