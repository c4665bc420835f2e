/* Scripts, styles and pictures, from the binary. */
#ifndef SERVER_ASSETS_H
#define SERVER_ASSETS_H

#include "server/context.h"

/* Reckons the version. Once in each worker. */
void		 assets_start(void);
/* "/assets/<version>": changes when any of them changes. */
const char	*assets_base(void);
/* GET /assets/{version}/{file}. */
void		 asset_get(struct ctx *);

#endif
