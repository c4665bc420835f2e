/* Transcripts and archives, see download.c. */
#ifndef RECORDINGS_DOWNLOAD_H
#define RECORDINGS_DOWNLOAD_H

/* Once in each worker: the thread that makes archives. */
void	download_start(void);

#endif
