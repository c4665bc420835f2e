# Writes src/db/functions/number_countries.sql: what must be known of each
# country calling code to read a telephone number. The facts are those of
# libphonenumber, from Debian's package python3-phonenumbers:
#
#     /usr/bin/python3 tests/lib/countries.py > src/db/functions/number_countries.sql
import json
import random
import re

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

# Changes of numbering plans after that package: Benin put 01 before its numbers
# on 30 November 2024.
LATER = {229: {"zero": True, "lengths": [8, 10]}}

HEAD = """set local role smartrecord_admin;

-- Returns the numbering plans by country calling code: "lengths", how many
-- digits may follow the code; "trunk", what is dialled before a number inside
-- the country only; "zero" when numbers may begin with a zero that is part of
-- them, as in Italy. Written by tests/lib/countries.py from the metadata of
-- libphonenumber %s (Apache License 2.0); numbers.test.js compares them.
create function number_countries() returns jsonb
language sql immutable parallel safe
as $$
select '{
%s
}'::jsonb
$$;

grant execute on function number_countries() to smartrecord_admin,
	smartrecord_owner, smartrecord_app, smartrecord_jobs;
"""


def keeps_zero(meta):
    """Whether a fixed or mobile number may begin with a zero. The metadata has
    it only inside patterns, so the example and many numbers are tried."""
    draw = random.Random(0)
    for kind in (meta.fixed_line, meta.mobile):
        if kind is None or kind.national_number_pattern is None:
            continue
        if (kind.example_number or "").startswith("0"):
            return True
        pattern = re.compile(kind.national_number_pattern)
        lengths = kind.possible_length or meta.general_desc.possible_length
        for length in (n for n in lengths if n > 0):
            for start in range(1000):
                text = ("0%03d" % start)[:length]
                text += "".join(draw.choice("0123456789")
                                for _ in range(length - len(text)))
                if pattern.fullmatch(text):
                    return True
    return False


def plan(code, regions):
    """What the table has of a calling code; its first region is the main one."""
    metas = [PhoneMetadata.metadata_for_region_or_calling_code(code, region)
             for region in regions]
    lengths = {n for meta in metas for n in meta.general_desc.possible_length}
    if len(regions) > 1:  # of a region "local only" in the main one
        lengths &= set(metas[0].general_desc.possible_length)
    row = {}
    if metas[0].national_prefix:
        row["trunk"] = metas[0].national_prefix
    if any(keeps_zero(meta) for meta in metas):
        row["zero"] = True
    row["lengths"] = sorted(lengths)
    return {**row, **LATER.get(code, {})}


rows = (f'\t"{code}": {json.dumps(plan(code, regions))}'
        for code, regions in sorted(COUNTRY_CODE_TO_REGION_CODE.items()))
print(HEAD % (phonenumbers.__version__, ",\n".join(rows)), end="")
