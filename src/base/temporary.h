/*
 * Files that nobody but their opener can reach, and that no crash leaves
 * behind: they have no name.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

/* A new empty file in the folder, for reading and writing, mode 0600. The
 * descriptor is the caller's to close. -1: errno. */
int	temporary_open(const char *dir);

#endif
