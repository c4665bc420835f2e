/*
 * Decoding tables of ITU-T G.711: the sample of each A-law or mu-law byte (the
 * 13-bit and 14-bit values of tables 1 and 2, scaled to 16 bits).
 */
#ifndef MEDIA_G711_H
#define MEDIA_G711_H

#include <stdint.h>

extern const int16_t	 g711_alaw[256];
extern const int16_t	 g711_ulaw[256];

#endif
