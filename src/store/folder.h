/*
 * A store of audio objects as files in a folder. It never opens a file outside
 * the folder: keys are checked, and symbolic links below the root are not
 * followed.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "store/store.h"

/* Makes a store. root is an absolute path, which is copied and need not exist
 * yet. Never returns NULL. */
struct store	*folder_store_new(const char *root);

#endif
