"""The Inbox contract as the app and the backend hold it, told once more and apart from our own
code: which fields documents have and of what types, what follows from what, and what the app
shows. Documents come as Google's client reads them (case.py: GoogleClient.read_account).
"""

import hashlib
import re

from values import Time

PHONE = re.compile(r"\+[0-9]{6,15}")
STATUSES = ("connecting", "needs_qr", "connected", "disconnected", "logged_out")
SOURCES = ("history_sync", "realtime", "backfill")
DELIVERY = ("sent", "delivered", "read")
# Beyond these there may be more kinds of content, so their names are not checked.
BODY_BYTES = 900 * 1024

TEXT, FLAG, NUMBER, MAP, LIST = str, bool, int, dict, list
TEXT_OR_NULL = (str, type(None))
ANY = object

ACCOUNT = {
    **dict.fromkeys(("name", "lastDisconnectReason", "lastError", "lastRealtimeError"), TEXT_OR_NULL),
    **dict.fromkeys(("phoneE164", "phone", "status", "claimedBy", "autoBackfillLeaseHolder"), TEXT),
    **dict.fromkeys(("claimedLife", "autoBackfillLeaseLife"), TEXT),
    **dict.fromkeys(
        "createdAt updatedAt lastConnectedAt lastDisconnectedAt lastHistorySyncAt lastBackfillAt "
        "lastAutoBackfillAt lastAutoBackfillAttemptAt lastAutoBackfillSuccessAt claimedAt "
        "leaseUntil autoBackfillLeaseUntil autoBackfillLeaseAcquiredAt lastRealtimeIngestAt "
        "lastRealtimeMessageAt".split(),
        Time,
    ),
    **dict.fromkeys(("lastHistorySyncResult", "lastBackfillResult", "lastAutoBackfillStatus"), MAP),
    "historySyncCount": NUMBER,
}

THREAD = {
    **dict.fromkeys(
        "accountId clientJid phoneE164 phone phoneNumber displayName groupSubject lastMessageText "
        "lastMessagePreview lastMessageDirection lastMessageSenderName redirectTo "
        "canonicalThreadId".split(),
        TEXT,
    ),
    **dict.fromkeys(("lastMessageAt", "updatedAt", "lastBackfillAt"), Time),
    **dict.fromkeys(("isLid", "historyExhausted"), FLAG),
    **dict.fromkeys(("lastMessageAtMs", "unreadCount"), NUMBER),
    # Of other writers.
    **dict.fromkeys(("assignedTo", "archived", "hidden", "notes"), ANY),
}
THREAD_ALWAYS = "accountId clientJid isLid lastMessageAt lastMessageAtMs unreadCount updatedAt"

MESSAGE = {
    **dict.fromkeys(
        "accountId clientJid threadId direction messageType syncSource status senderId senderJid "
        "senderName lastSenderName".split(),
        TEXT,
    ),
    **dict.fromkeys(("body", "originalBody"), TEXT_OR_NULL),
    **dict.fromkeys(
        "tsClient createdAt updatedAt syncedAt deliveredAt readAt editedAt deletedAt".split(), Time
    ),
    **dict.fromkeys(("media", "key", "quoted", "reactions", "answers"), MAP),
    # How a poll stands, or who comes to an event.
    "results": LIST,
    "bodyTruncated": FLAG,
    # Which field of the protobuf an unknown kind of content came in.
    "unknownField": NUMBER,
}
MESSAGE_ALWAYS = (
    "accountId clientJid threadId direction body messageType tsClient createdAt updatedAt "
    "syncedAt syncSource status key"
)

MEDIA = {
    "type": TEXT,
    **dict.fromkeys(("mimetype", "filename", "caption"), TEXT_OR_NULL),
    **dict.fromkeys(("size", "seconds", "width", "height"), (int, type(None))),
    "url": type(None),
}
KEY = {"id": TEXT, "remoteJid": TEXT, "fromMe": FLAG, "participant": TEXT, "timestamp": NUMBER}
KEY_ALWAYS = "id remoteJid fromMe timestamp"
QUOTED = dict.fromkeys(("id", "participant", "preview"), TEXT_OR_NULL)

CONTACT = {
    **dict.fromkeys("accountId jid name notify verifiedName phoneE164 lid".split(), TEXT),
    "updatedAt": Time,
    "imgUrl": ANY,  # of other writers
}


def account_id(phone, namespace="prod"):
    return "account_%s_%s" % (namespace, hashlib.sha256(phone.encode()).hexdigest()[:32])


def _form(where, fields, types, always=""):
    for name in always.split():
        if name not in fields:
            yield "%s: no %s" % (where, name)
    for name, value in fields.items():
        wanted = types.get(name)
        if wanted is None:
            yield "%s: %s is not in the contract" % (where, name)
        elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            yield "%s: %s is of type %s" % (where, name, type(value).__name__)


def _holds(where, **rules):
    for rule, holds in rules.items():
        if not holds:
            yield "%s: %s" % (where, rule.replace("_", " "))


def account_violations(account, fields):
    where = "accounts/" + account
    found = list(_form(where, fields, ACCOUNT, "phoneE164 phone status createdAt updatedAt"))
    if found:
        return found
    return list(
        _holds(
            where,
            a_phone=PHONE.fullmatch(fields["phoneE164"]) and fields["phone"] == fields["phoneE164"],
            id_of_the_phone=account.rpartition("_")[2]
            == account_id(fields["phoneE164"]).rpartition("_")[2],
            a_status_of_the_contract=fields["status"] in STATUSES,
        )
    )


def thread_violations(account, name, fields):
    where = "threads/" + name
    found = list(_form(where, fields, THREAD, THREAD_ALWAYS))
    if found:
        return found
    jid = fields["clientJid"]
    preview = fields.get("lastMessagePreview", "")
    # The hundredth character may be the space between two words.
    words = preview.rstrip(" ") if len(preview) == 100 else preview
    merged = fields.get("redirectTo", "")
    phones = [fields[each] for each in ("phoneE164", "phone", "phoneNumber") if each in fields]
    lid = jid.endswith("@lid") and not merged
    return list(
        _holds(
            where,
            of_the_account=fields["accountId"] == account,
            id_of_account_and_jid=name == "%s__%s" % (account, jid),
            canonical_jid=jid == jid.lower() and ":" not in jid and not jid.endswith("@c.us"),
            is_lid_while_the_phone_is_unknown=fields["isLid"] == lid,
            phones_agree=len(set(phones)) <= 1 and len(phones) in (0, 3),
            phones_of_digits=all(map(PHONE.fullmatch, phones)),
            no_phone_for_a_group=not (phones and jid.endswith("@g.us")),
            both_times_the_same=milliseconds(fields["lastMessageAt"]) == fields["lastMessageAtMs"],
            preview_is_folded=words == " ".join(words.split()) and len(preview) <= 100,
            preview_is_text=preview == fields.get("lastMessageText", ""),
            direction=fields.get("lastMessageDirection", "inbound") in ("inbound", "outbound"),
            unread_count_not_negative=fields["unreadCount"] >= 0,
            redirect_is_canonical=merged == fields.get("canonicalThreadId", ""),
        )
    )


def message_violations(account, thread, name, fields):
    where = "threads/%s/messages/%s" % (thread, name)
    found = list(_form(where, fields, MESSAGE, MESSAGE_ALWAYS))
    found += _form(where + " key", fields.get("key", {}), KEY, KEY_ALWAYS)
    found += _form(where + " quoted", fields.get("quoted", {}), QUOTED)
    if "media" in fields:
        found += _form(where + " media", fields["media"], MEDIA, " ".join(MEDIA))
    if found:
        return found
    key, ours = fields["key"], fields["direction"] == "outbound"
    return list(
        _holds(
            where,
            of_its_thread=fields["threadId"] == thread and fields["accountId"] == account,
            jid_of_its_thread=thread == "%s__%s" % (account, fields["clientJid"]),
            direction=fields["direction"] in ("inbound", "outbound") and key["fromMe"] == ours,
            key_is_the_id=name == key["id"] or re.fullmatch("[0-9a-f]{24}", name),
            times_agree=milliseconds(fields["tsClient"]) == key["timestamp"] * 1000,
            source=fields["syncSource"] in SOURCES,
            status=fields["status"] in DELIVERY if ours else fields["status"] == "delivered",
            body_not_too_long=len((fields["body"] or "").encode()) <= BODY_BYTES,
            our_own_are_from_me=not ours or fields.get("senderName") == "me",
            sender_of_a_group=ours or not thread.endswith("@g.us") or bool(fields.get("senderJid")),
            reactions_are_texts=set(map(type, fields.get("reactions", {}).values())) <= {str},
            answers_are_texts=set(map(type, fields.get("answers", {}).values())) <= {str},
            results_count=all(
                set(each) == {"option", "count"} and each["count"] >= 0
                for each in fields.get("results", [])
            ),
            a_revoked_one_has_no_body="deletedAt" not in fields or fields["body"] is None,
        )
    )


def contact_violations(account, name, fields):
    where = "contacts/" + name
    found = list(_form(where, fields, CONTACT, "accountId jid updatedAt"))
    return found or list(
        _holds(
            where,
            id_of_account_and_jid=name == "%s__%s" % (account, fields["jid"]),
            phone_of_digits="phoneE164" not in fields or PHONE.fullmatch(fields["phoneE164"]),
        )
    )


def violations(account, whole):
    """What of a whole account breaks the contract, as sentences."""
    found = account_violations(account, whole["account"] or {})
    for name, thread in whole["threads"].items():
        found += thread_violations(account, name, thread["fields"])
        for message, fields in thread["messages"].items():
            found += message_violations(account, name, message, fields)
    for name, fields in whole["contacts"].items():
        found += contact_violations(account, name, fields)
    return found


# --- what the app makes of it --------------------------------------------------------------------


def milliseconds(time):
    from datetime import datetime

    whole, _, fraction = time.text.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    return seconds * 1000 + int(fraction[:3])


def phone_of(fields):
    names = ("normalizedPhone", "phoneE164", "phone", "phoneNumber")
    return next((fields[name] for name in names if fields.get(name)), "")


def shown_name(fields):
    name = fields.get("displayName", "")
    if name and name != fields.get("lastMessageText"):
        return name
    return fields.get("groupSubject") or fields.get("lastMessageSenderName") or phone_of(fields)


def hidden_because(name, fields):
    """None for a thread that the app shows; spelled as `threads list --json` does."""
    jid = fields.get("clientJid", "")
    if fields.get("hidden") is True:
        return "hidden"
    if fields.get("archived") is True:
        return "archived"
    if fields.get("redirectTo"):
        return "redirected"
    if jid.endswith("@lid") and fields.get("canonicalThreadId"):
        return "merged_lid"
    if jid.endswith("@broadcast"):
        return "broadcast"
    if "[object Object]" in name or "[obiect Obiect]" in name:
        return "mangled_id"
    return None if shown_name(fields) else "placeholder"
