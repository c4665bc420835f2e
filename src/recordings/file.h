/*
 * Files of one recording on their way out: what they are called, in which
 * language. For the handlers of sound, transcript and archive.
 */
#ifndef RECORDINGS_FILE_H
#define RECORDINGS_FILE_H

#include "server/file.h"

/* A file of a recording that expires then; the rest is to be filled in. */
struct file file_of_recording(int64_t until_ms);

/* The language of a file: ?lang=, else the API's Accept-Language, else the
 * reader's. false: replied 400. */
bool	file_lang(struct ctx *, enum lang *);
/* A view of the reader's for present_…(), in that language; what it points
 * to is in the arena. */
struct view file_view(struct ctx *, enum lang);

#endif
