/* struct loop (base/loop.h) over Kore's event loop. */
#ifndef SERVER_KORE_LOOP_H
#define SERVER_KORE_LOOP_H

#include "base/loop.h"

extern struct loop	kore_loop;

#endif
