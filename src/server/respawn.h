/*
 * Pauses before a worker that died soon after its start starts again. Kore
 * starts it at once, so that one that cannot live would use a whole core.
 */
#ifndef SERVER_RESPAWN_H
#define SERVER_RESPAWN_H

/* Makes the shared memory. Call it once, in Kore's parent. */
void	respawn_prepare(void);
/*
 * Call it in a worker before everything else. Returns at once for a worker that
 * is new, or whose predecessor lived for a minute; else sleeps, longer each
 * time: 0.25 s, 0.5 s and so on to 30 s. Logs the first pause and the longest.
 * A signal ends the pause. Frees the predecessor's slots of heavy work first.
 */
void	respawn_pause(void);

#endif
