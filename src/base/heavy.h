/*
 * Turns of heavy work: what occupies a processor core for long, as the search
 * for words, a PDF, or the hash of a password. All processes of a node share
 * its slots, the larger of 2 and the number of cores less one, for each kind of
 * work. One customer never holds all of them, nor do all strangers together;
 * nor all that a process may have. What waits in a process waits in a fair
 * queue. The slots of a process that was killed come back with its successor.
 */
#ifndef BASE_HEAVY_H
#define BASE_HEAVY_H

#include <sys/types.h>

#include <stdint.h>

#include "base/fair.h"
#include "base/loop.h"
#include "base/result.h"

#define HEAVY_HASHES	2	/* threads of a process for passwords */

enum heavy_kind {
	HEAVY_WORK,	/* searches, counts, documents */
	HEAVY_HASH,	/* passwords */
	HEAVY_KINDS
};

/* A piece of work; its owner keeps it until it has ended or was refused. */
struct heavy {
	struct fair_item	 item;	/* its key: set by the caller */
	enum heavy_kind		 kind;
	/* Called on the loop when the turn has come. */
	void			 (*start)(struct heavy *);
	/* Called on the loop when it never will: CROWDED, or BUSY when it has
	 * waited too long behind others. */
	void			 (*refused)(struct heavy *, enum result);
	int64_t			 deadline;	/* used here */
	unsigned		 slot;		/* used here */
};

/* Number of slots of a node for each kind. */
unsigned	heavy_slots(void);
/* Makes the memory and the descriptors that processes share; call it once, in
 * their parent. Processes have a number below processes each. */
void		heavy_prepare(unsigned slots, unsigned processes);
/* Frees the slots of a process that has died. */
void		heavy_forget(pid_t);
/* Starts in process number; it runs at most work and hash at once. */
void		heavy_start(struct loop *, unsigned number, unsigned work,
		    unsigned hash);
/* Returns OK when the work waits for its turn: start() or refused() will be
 * called later. Else CROWDED: its customer has too much waiting. May refuse
 * other work of the same customer. */
enum result	heavy_wait(struct heavy *);
/* Removes work that waits. */
void		heavy_cancel(struct heavy *);
/* Ends work that was started, so that the next one may start. */
void		heavy_end(struct heavy *);

#endif
