/* Steps and pauses of background work, see pace.h. */
#include "jobs/pace.h"

#define STEP_US		25000
#define TURN_US		5000000
#define PAUSE_MAX_MS	1000	/* after a step that waited for a lock */
#define ROWS_FIRST	50
#define ROWS_MIN	10
#define ROWS_MAX	1000

void
pace_begin(struct pace *p, int64_t now_us)
{
	p->size = ROWS_FIRST;
	p->until = now_us + TURN_US;
}

/* The rows that would have taken a step's time; at most twice as many as now,
 * since the first rows of a partition take longer. */
static int
pace_size(int size, int64_t took_us)
{
	int64_t	fit = size * STEP_US / (took_us < 1 ? 1 : took_us);

	fit = fit > 2 * size ? 2 * size : fit;
	fit = fit < ROWS_MIN ? ROWS_MIN : fit;
	return (fit > ROWS_MAX ? ROWS_MAX : (int)fit);
}

int
pace_next(struct pace *p, int64_t began_us, int64_t now_us)
{
	int64_t	took_us = now_us - began_us, pause = (took_us + 999) / 1000;

	p->size = pace_size(p->size, took_us);
	if (now_us >= p->until)
		return (-1);
	return (pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : (int)pause);
}
