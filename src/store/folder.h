/*
 * Audio objects as files below one folder. Nothing outside it is ever
 * opened: keys are checked and no symbolic link is followed below the root.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "store/store.h"

/* root: absolute path, copied; need not exist yet. Never NULL. */
struct store	*folder_store_new(const char *root);

#endif
