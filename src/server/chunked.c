/* A decoder of chunked bodies, see chunked.h. */
#include <string.h>

#include "server/chunked.h"

#define DIGITS_MAX	8	/* chunks below 4 GB */

enum { SIZE, SIZE_LF, DATA, DATA_CR, DATA_LF, END_CR, END_LF };

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	c = (char)(c | 0x20);
	return (c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1);
}

/* Takes a byte of the line with the size. */
static int
size_byte(struct chunked *c, char byte)
{
	int	digit = hex_digit(byte);

	if (digit >= 0 && c->digits < DIGITS_MAX) {
		c->left = c->left << 4 | (uint64_t)digit;
		c->digits++;
		return (CHUNKED_MORE);
	}
	if (byte != '\r' || c->digits == 0)
		return (CHUNKED_BAD);
	c->state = SIZE_LF;
	return (CHUNKED_MORE);
}

/* Takes a byte outside the data. */
static int
frame_byte(struct chunked *c, char byte)
{
	static const struct {
		char	byte;
		uint8_t	next;
	} steps[] = {
		[SIZE_LF] = { '\n', DATA }, [DATA_CR] = { '\r', DATA_LF },
		[DATA_LF] = { '\n', SIZE }, [END_CR] = { '\r', END_LF },
		[END_LF] = { '\n', END_LF },
	};
	uint8_t	state = c->state;

	if (state == SIZE)
		return (size_byte(c, byte));
	if (byte != steps[state].byte)
		return (CHUNKED_BAD);
	c->state = steps[state].next;
	c->digits = 0;
	if (state == SIZE_LF && c->left == 0)
		c->state = END_CR;
	return (state == END_LF ? CHUNKED_DONE : CHUNKED_MORE);
}

int
chunked_decode(struct chunked *c, const char *in, size_t n, size_t *used,
    char *out, size_t *made)
{
	size_t	part;
	int	status = CHUNKED_MORE;

	*used = *made = 0;
	while (*used < n && status == CHUNKED_MORE) {
		if (c->state != DATA) {
			status = frame_byte(c, in[(*used)++]);
			continue;
		}
		part = n - *used < c->left ? n - *used : (size_t)c->left;
		memmove(out + *made, in + *used, part);
		*made += part;
		*used += part;
		c->left -= part;
		if (c->left == 0)
			c->state = DATA_CR;
	}
	return (status);
}
