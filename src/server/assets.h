/* Scripts, styles and images, which are compiled into the binary. */
#ifndef SERVER_ASSETS_H
#define SERVER_ASSETS_H

#include "server/context.h"

/* Computes the version. Call it once in each worker. */
void		 assets_start(void);
/* "/assets/<version>"; the version is a hash of all assets. */
const char	*assets_base(void);
/* GET /assets/{version}/{file}. */
void		 asset_get(struct ctx *);

#endif
