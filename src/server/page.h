/*
 * Pages: the present function of the route makes the model, which its Mustache
 * template renders inside the layout. Large pages are made on the thread pool.
 */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include "server/context.h"

/* Parses all templates in both languages; an invalid one ends the process.
 * Call it once in each worker, after assets_start(). */
void	page_start(void);
/* Replies with the page of the route; row 0, column 0 is its JSON model. */
void	page_of_rows(struct ctx *c, struct db_rows *rows);
/* Replies with the error page. Takes ownership of error, which is {status,
 * title, detail, action_href…}. */
void	page_of_error(struct ctx *c, int status, json_t *error);

#endif
