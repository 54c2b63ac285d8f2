/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file oracle_rules.h
 * Every rule that the oracle judges by, once: its name, where it is written (sections of
 * docs/spec/mmc-spec.md, or quirks.md and a key), its words. NAME_CHANGES: a refusal by this rule
 * may change the drive's state; all others may not (invariant 4).
 */
#ifndef DVDEMU_ORACLE_RULES_H
#define DVDEMU_ORACLE_RULES_H

/* clang-format off */
#define ORACLE_RULES(RULE, RULE_CHANGES)                                                           \
    RULE(I1_KEY_AFTER_KEY2,      "2.3", "no disc or title key leaves unless KEY2 was accepted under that AGID") \
    RULE(I2_GATED_AFTER_KEY,     "3.2", "no gated sector leaves while ASF is 0")                   \
    RULE(I3_REFUSAL_HAS_NO_DATA, "1.5", "a refusal carries no data")                               \
    RULE(I4_REFUSAL_CHANGES_NOTHING, "quirks.md", "a command that is refused changes nothing, except where a row says so") \
    /* ---- before a command runs ---- */                                                          \
    RULE(UNKNOWN_OPCODE,         "3.4", "an operation code that section 6 does not list: 05/20/00") \
    RULE(SHORT_CDB,              "architecture.md", "a CDB shorter than its operation code says is refused with sense key 5") \
    RULE(CONTROL_BYTE,           "1.5 (2)", "NACA or LINK in the control byte may be refused: 05/24/00") \
    RULE_CHANGES(ATTENTION_POWER_ON, "2.8", "06/29/00 is pending: it is reported, the command is not executed") \
    RULE_CHANGES(ATTENTION_MEDIUM,   "2.8", "06/28/00 is pending: it is reported, the command is not executed") \
    RULE(ATTENTION_HELD_BACK,    "6",   "this command runs although a unit attention is pending")  \
    RULE(ATTENTION_NOT_PENDING,  "2.8", "no unit attention is pending")                            \
    RULE(NO_MEDIUM_CLOSED,       "3.4", "no medium, tray closed: 02/3A/01")                        \
    RULE(NO_MEDIUM_OPEN,         "3.4", "tray open: 02/3A/02")                                     \
    RULE(BECOMING_READY,         "quirks.md ready_ms", "the disc is becoming ready: 02/04/01")     \
    RULE(MEDIUM_IS_CD,           "1.5 (5)", "not a DVD: 05/30/02")                                 \
    /* ---- REPORT KEY and SEND KEY ---- */                                                        \
    RULE(KEY_SERVICE_ACTION,     "6.12", "bits 4-0 of byte 1 are not zero: 05/24/00")              \
    RULE(KEY_CLASS,              "1.1", "a key class other than 00h: 05/24/00, byte 7")            \
    RULE(KEY_FORMAT,             "1.2", "a key format that does not exist: 05/24/00, byte 10")     \
    RULE(LIST_SHORT,             "1.4 (1)", "the parameter list is shorter than required: 05/1A/00") \
    RULE(LIST_HEADER,            "1.4 (3)", "the data length field is less than required: 05/26/00, byte 0") \
    RULE(NON_CSS_AT_AGID,        "quirks.md non_css", "a DVD without CSS: REPORT KEY 00h ends with 05/30/02 or 00/00/00") \
    RULE(NON_CSS_AT_KEY1,        "quirks.md non_css", "a DVD without CSS: REPORT KEY 02h ends with 05/6F/01") \
    RULE(GRANT,                  "2.3", "the first FREE slot is granted")                          \
    RULE(EXHAUSTED,              "2.5", "no slot is FREE: refused as agid_exhausted says")         \
    RULE_CHANGES(EXHAUSTED_INVALIDATES, "quirks.md agid_exhausted", "no slot is FREE: refused, and every slot becomes FREE") \
    RULE(EXHAUSTED_REUSE,        "quirks.md agid_exhausted", "no slot is FREE: the first is granted again") \
    RULE(UNGRANTED,              "2.3 E1", "a handshake step on a slot that is not granted: 05/24/00, byte 10") \
    RULE(UNGRANTED_2C,           "quirks.md agid_ungranted", "a handshake step on a slot that is not granted: 05/2C/00") \
    RULE_CHANGES(OUT_OF_ORDER,   "2.3", "a handshake step out of order: 05/2C/00")                 \
    RULE(HOST_CHALLENGE,         "2.3", "SEND KEY 01h: the slot has the host's challenge")         \
    RULE(KEY1_NEW,               "2.3", "REPORT KEY 02h: KEY1 of the host's challenge by a variant that is still possible") \
    RULE(KEY1_AGAIN,             "2.3", "REPORT KEY 02h once more: the same KEY1")                 \
    RULE(DRIVE_CHALLENGE,        "2.3", "REPORT KEY 01h: a new challenge of the drive")            \
    RULE(DRIVE_CHALLENGE_FRESH,  "2.4", "each challenge of the drive is drawn afresh")             \
    RULE(DRIVE_CHALLENGE_AGAIN,  "2.3", "REPORT KEY 01h once more: the same challenge")            \
    RULE(KEY2_RIGHT,             "2.3", "SEND KEY 03h with the right KEY2: GOOD")                  \
    RULE_CHANGES(KEY2_WRONG,     "2.3", "SEND KEY 03h with a wrong KEY2: 05/6F/00")                \
    RULE(KEY_NOT_ESTABLISHED,    "2.3", "a key asked for without a bus key: 05/6F/02")             \
    RULE(TITLE_KEY,              "1.2", "the title key of the block, under the bus key")           \
    RULE(TITLE_KEY_PLAIN,        "quirks.md first_title_key_plain", "the first key that goes out is a title key: without the bus key") \
    RULE_CHANGES(TITLE_NEEDS_ASF, "quirks.md title_requires_asf", "a title key while ASF is 0: 05/6F/00") \
    RULE_CHANGES(TITLE_RANGE,    "2.3", "a title key of a block that the disc does not have: 05/21/00") \
    RULE_CHANGES(TITLE_NO_KEY,   "2.3", "the disc gives no title key to that block: 05/6F/01")     \
    RULE_CHANGES(TITLE_REGION,   "2.3", "drive and disc have no region in common: no title key, ASF 0") \
    RULE(DISC_KEY,               "5.3", "the disc key block under the bus key")                    \
    RULE(DISC_WITHOUT_KEYS,      "2.3", "a disc key of a disc without keys: 05/6F/01")             \
    RULE(INVALIDATE,             "2.3", "format 3Fh: GOOD, no data")                               \
    RULE(INVALIDATE_UNGRANTED_2400,   "quirks.md invalidate_ungranted", "format 3Fh on a slot that is not granted: 05/24/00, byte 10") \
    RULE(ASF_REPLY,              "1.2", "REPORT KEY 05h: ASF")                                     \
    /* ---- regions ---- */                                                                        \
    RULE(RPC_REPLY,              "4.1", "REPORT KEY 08h: counters, mask, scheme")                  \
    RULE(RPC_MASK,               "4.3", "not exactly one 0 bit in the preferred mask: 05/26/00")   \
    RULE(RPC_DISC_FORBIDS,       "4.3", "the disc does not allow the region: 05/6F/04")            \
    RULE(RPC_PERMANENT,          "4.3", "no change is left: 05/6F/05")                             \
    RULE(RPC_SAME,               "4.3", "the region that is set already: GOOD, nothing changes")   \
    RULE(RPC_SET,                "4.3", "the region is set, one change less is left")              \
    /* ---- READ DVD STRUCTURE ---- */                                                             \
    RULE(STRUCTURE_MEDIA_TYPE,   "5",   "a media type that is not DVD: 05/24/00")                  \
    RULE(STRUCTURE_FORMAT,       "5",   "a structure format that is not known: 05/24/00, byte 7")  \
    RULE(STRUCTURE_CMI_REFUSED,  "quirks.md cmi_format_05", "format 05h: 05/24/00, byte 7")        \
    RULE(STRUCTURE_COPYRIGHT,    "5.2", "format 01h: CPST and RMI")                                \
    RULE(STRUCTURE_NO_COPYRIGHT, "configs/discs/no-copyright.disc", "format 01h of a disc without copyright structure: 05/24/00, byte 7") \
    RULE(STRUCTURE_CMI,          "5",   "format 05h: CPR_MAI of the block")                        \
    RULE(STRUCTURE_CMI_RANGE,    "3.4", "format 05h of a block that the disc does not have: 05/21/00") \
    /* ---- reads ---- */                                                                          \
    RULE(READ_RANGE,             "6.10", "a range that the disc does not have: 05/21/00")          \
    RULE(READ_NOTHING,           "6.10", "a count of 0: GOOD, no data")                            \
    RULE(READ_GATED,             "3.2", "a gated sector while ASF is 0: 05/6F/03")                 \
    RULE(READ_REGION,            "quirks.md region_read", "a gated sector of a disc of another region: 05/6F/04") \
    RULE(READ_DATA,              "3.2", "all blocks of the range, and nothing else")               \
    RULE(READ_FAILED,            "3.4", "a block cannot be read: 03/11/00 or 04/44/00")            \
    /* ---- the rest ---- */                                                                       \
    RULE(UNIT_READY,             "6.2", "TEST UNIT READY with a disc: GOOD")                       \
    RULE(SENSE_DESCRIPTOR,       "6.13", "REQUEST SENSE with DESC: 05/24/00")                      \
    RULE(SENSE_DATA,             "6.13", "REQUEST SENSE: 18 bytes, the pending unit attention or 00/00/00") \
    RULE(START_STOP,             "6.8", "START STOP UNIT: GOOD")                                   \
    RULE(EJECT_PREVENTED,        "6.8", "eject while prevented: 05/53/02")                         \
    RULE(LOAD_SLIM,              "quirks.md loader", "a slim drive cannot pull its tray in: 05/24/00, byte 4") \
    RULE(PREVENT,                "6.8", "PREVENT ALLOW: GOOD")                                     \
    /* ---- the state behind the answers ---- */                                                   \
    RULE(STATE_OF_SLOT,          "2.3", "the slot is in the state that the table says")            \
    RULE(STATE_OF_ASF,           "2.7", "ASF is as the table says")                                \
    RULE(STATE_OF_REGION,        "4.1", "the region state is as the rules say")                    \
    RULE(STATE_OF_TRAY,          "6.8", "tray and disc are where the rules say")                   \
    RULE(STATE_OF_PREVENT,       "6.8", "prevention is held per nexus")                            \
    RULE(STATE_OF_ATTENTION,     "2.8", "each nexus sees each unit attention once")
/* clang-format on */

enum oracle_rule {
#define ORACLE_RULE_ID(name, clause, words) ORACLE_##name,
    ORACLE_RULES(ORACLE_RULE_ID, ORACLE_RULE_ID)
#undef ORACLE_RULE_ID
        ORACLE_RULE_COUNT
};

struct oracle_rule_row {
    const char *name, *clause, *words;
    int changes; /**< a refusal by this rule may change the state */
};

/** By enum oracle_rule. */
extern const struct oracle_rule_row oracle_rule_rows[ORACLE_RULE_COUNT];

#endif
