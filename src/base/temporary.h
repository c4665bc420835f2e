/*
 * Temporary files without a name: other processes cannot open them, and the
 * kernel frees them when they are closed, also after a crash.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

/* Opens a new empty file in the folder dir for reading and writing, mode 0600.
 * The caller closes the descriptor. Returns -1 and sets errno on an error. */
int	temporary_open(const char *dir);

#endif
