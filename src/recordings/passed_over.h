/*
 * Files of a folder that `smartrecord ingest` does not read: neither a document
 * nor audio that a document names.
 */
#ifndef RECORDINGS_PASSED_OVER_H
#define RECORDINGS_PASSED_OVER_H

#include <dirent.h>
#include <stdio.h>

#include <jansson.h>

/* Returns whether the entry is a document, for scandir(): NAME.json. */
int	is_document(const struct dirent *entry);
/* Adds the audio file that a document names to the set named, an object. */
void	passed_over_except(json_t *named, const json_t *document);
/* Prints how many files of the folder are passed over, and the first names.
 * Files that begin with a dot are not counted: they are still being written. */
void	passed_over_show(FILE *out, const char *folder, const json_t *named);

#endif
