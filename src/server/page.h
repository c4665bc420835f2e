/*
 * Pages: a model, dressed by the feature's present function, in its Mustache
 * template inside the layout. Big ones are made on the thread pool.
 */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include "server/context.h"

/* Parses all templates in both languages; ends the process when one is
 * broken. Once in each worker, after assets_start(). */
void	page_start(void);
/* Row 0, column 0 is the JSON model of the route's page. */
void	page_of_rows(struct ctx *c, struct db_rows *rows);
/* The error page; error is stolen: {status, title, detail, action_href…}. */
void	page_of_error(struct ctx *c, int status, json_t *error);

#endif
