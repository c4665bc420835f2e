/* What every page shows around its own content. */
#ifndef SERVER_LAYOUT_H
#define SERVER_LAYOUT_H

#include "server/context.h"

/* The layout's model, without "page". Owned by the caller. */
json_t	*layout_model(struct ctx *c, const struct view *view);

#endif
