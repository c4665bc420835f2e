/*
 * What the handlers of audio, transcript and archive of one recording share:
 * the response's file, its language, its texts.
 */
#ifndef RECORDINGS_FILE_H
#define RECORDINGS_FILE_H

#include "server/file.h"

/*
 * Returns a file of a recording that expires at until_ms (Unix milliseconds);
 * the caller sets type, etag, length and disposition.
 */
struct file file_of_recording(int64_t until_ms);

/*
 * Sets the language of a file: the parameter "lang", else the API's
 * Accept-Language, else the person's. Returns false after a reply of 400.
 */
bool	file_lang(struct ctx *, enum lang *);
/*
 * Returns a view in that language for the functions of present.h. It points
 * into the request's arena, so it may outlive the request's other data.
 */
struct view file_view(struct ctx *, enum lang);

#endif
