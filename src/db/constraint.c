/*
 * Sentences for the constraints of the tables that commands write. A test
 * compares the list with the database.
 */
#include <stdio.h>
#include <string.h>

#include "db/constraint.h"

#define KEY_SENTENCE	"a key is 1 to 63 of a-z, 0-9 and '-', not '-' in front"
#define NAME_SENTENCE	"a name has 1 to 200 characters"
#define ZONE_SENTENCE						\
	"there is no such time zone; one is written Europe/Paris"

static const struct {
	const char	*constraint;
	const char	*sentence;
} sentences[] = {
	{ "operator_key_check", KEY_SENTENCE },
	{ "operator_name_check", NAME_SENTENCE },
	{ "operator_host_check", "a host is written in lower case" },
	{ "operator_board_host_check", "a host is written in lower case" },
	{ "operator_color_check", "a color is written like #1a7f37" },
	{ "operator_contact_check", "the contact is no e-mail address" },
	{ "operator_logo_check", "a logo has 1 byte to 64 KiB" },
	{ "operator_check", "console and board have different hosts" },
	{ "operator_key_key", "another operator has this key" },
	{ "operator_host_key", "another operator has this host" },
	{ "operator_board_host_key", "another operator has this host for its "
	    "board" },
	{ "tenant_key_check", KEY_SENTENCE },
	{ "tenant_name_check", NAME_SENTENCE },
	{ "tenant_time_zone_check", ZONE_SENTENCE },
	{ "tenant_contract_email_check", "the contract holder's address is no "
	    "e-mail address" },
	{ "tenant_key_key", "another tenant has this key" },
	{ "site_key_check", KEY_SENTENCE },
	{ "site_name_check", NAME_SENTENCE },
	{ "site_time_zone_check", ZONE_SENTENCE },
	{ "site_retention_days_check", "a site keeps calls for 1 to 90 days" },
	{ "site_tenant_id_key_key", "another site of the tenant has this key" },
	{ "person_email_check", "this is no e-mail address" },
	{ "person_name_check", "first and last name have 1 to 201 characters "
	    "together" },
	{ "person_language_check", "the language is fr or en" },
	{ "person_operator_id_email_key", "another person of the operator has "
	    "this e-mail address" },
	{ "account_key_check", "an account's key has 1 to 200 characters" },
	{ "account_recording_mode_check", "the mode is always or on_demand" },
	{ "account_tenant_id_key_key", "another account of the tenant has this "
	    "key" },
	{ "account_tenant_id_person_id_key", "another account of the tenant "
	    "has this e-mail address" },
	{ "account_tenant_id_site_id_fkey", "the tenant has no such site" },
	{ "account_number_number_check", "a number is written like "
	    "+33123456789, or has 2 to 8 digits" },
	{ "account_number_kind_check", "a number is fixed or mobile" },
	{ "account_number_pkey", "another account of the tenant has this "
	    "number" },
	{ "profile_kind_check", "a profile is supervisor or administrator" },
	{ "profile_check", "a supervisor has all sites, or at least one" },
	{ "profile_pkey", "the account has this profile already" },
	{ "telephone_model_check", "a model has 1 to 100 characters" },
	{ "telephone_check", "this model has no recording button" },
	{ "telephone_pkey", "another account has this telephone" },
};

/* Sentences for SQLSTATEs of values (PostgreSQL 15, appendix A). */
static const struct {
	const char	*state;
	const char	*sentence;
} states[] = {
	{ "22001", "a text is too long" },
	{ "22003", "a number is too large or too small" },
	{ "22021", "a text is not UTF-8" },
	{ "22P02", "a value does not have its form" },
	{ "22P05", "a text has a character that can't be stored" },
};

static const char *
sentence_find(const PGresult *result)
{
	const char	*name, *state;
	size_t		 i;

	name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (name != NULL && strcmp(sentences[i].constraint, name) == 0)
			return (sentences[i].sentence);
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (state != NULL && strcmp(states[i].state, state) == 0)
			return (states[i].sentence);
	/* timezone() raises this state; the message is in the language of the
	 * server */
	if (state != NULL && strcmp(state, "22023") == 0)
		return (ZONE_SENTENCE);
	return (NULL);
}

bool
constraint_sentence(const PGresult *result, char *out, size_t size)
{
	const char	*sentence = sentence_find(result), *column, *state;

	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
	if (sentence != NULL)
		(void)snprintf(out, size, "%s", sentence);
	else if (state != NULL && strcmp(state, "23502") == 0)
		(void)snprintf(out, size, "%s is needed",
		    column == NULL ? "a value" : column);
	else if (state != NULL && strncmp(state, "23", 2) == 0)
		(void)snprintf(out, size, "the database refuses a value "
		    "(constraint %s)", PQresultErrorField(result,
		    PG_DIAG_CONSTRAINT_NAME));
	else
		return (false);
	return (true);
}
