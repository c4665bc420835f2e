/*
 * The file of the setting log_file. SIGHUP opens it again, after logrotate(8)
 * has renamed it.
 *
 * `smartrecord serve` has several processes, some of which may not open files.
 * So only its parent opens the file: the others write to a pipe, which a thread
 * of the parent copies to the file, whole lines at a time.
 */
#ifndef BASE_LOG_FILE_H
#define BASE_LOG_FILE_H

#include <stdbool.h>

/* Opens the file, which becomes the log; "": the log stays standard error.
 * Returns false on an error, with *why set to a sentence that the caller
 * frees. path must never be freed. */
bool	log_file_open(const char *path, char **why);
/* Opens the file of that name again. When it can't, logs why and continues with
 * the old file. */
void	log_file_reopen(void);

/* Makes the pipe, before fork(2). These functions do nothing without a file. */
void	log_relay_open(void);
/* In the child: its log and its standard error go to the pipe. */
void	log_relay_child(void);
/* In the parent: starts the thread. */
void	log_relay_start(void);
/* In the parent, when all children have ended: writes what is left. */
void	log_relay_end(void);

#endif
