/* The layout: what all pages have in common. */
#ifndef SERVER_LAYOUT_H
#define SERVER_LAYOUT_H

#include "server/context.h"

/* Makes the model of the layout, without "page". The caller owns it. */
json_t	*layout_model(struct ctx *c, const struct view *view);

#endif
