"""Made-up documents as the Inbox contract describes them, as a client sends them over REST.

Deterministic: the same number gives the same document, in every run and to every client that
is compared with another.
"""

ACCOUNT = "account_prod_0123456789abcdef0123456789abcdef"
DATABASE = "projects/%s/databases/(default)"

WORDS = (
    "salut ne vedem mâine la petrecere confirmați vă rog adresa și ora exactă mulțumesc frumos "
    "avem nevoie de un animator pentru doisprezece copii sâmbătă după-amiază 🎈 perfect rămâne așa"
).split()

EPOCH_S = 1_750_000_000

SERVER_TIMES = ("createdAt", "updatedAt", "syncedAt")


def text(value):
    return {"stringValue": value}


def integer(value):
    return {"integerValue": str(value)}


def time_of(seconds):
    from datetime import datetime, timezone

    return {"timestampValue": datetime.fromtimestamp(seconds, timezone.utc).strftime("%FT%TZ")}


def fields(**values):
    return {"mapValue": {"fields": values}}


def message(number, messages_per_thread=100):
    """(path, fields) of one message; about 700 bytes of content."""
    chat = number // messages_per_thread
    jid = "407%08d@s.whatsapp.net" % chat
    thread = "%s__%s" % (ACCOUNT, jid)
    ours = number % 3 == 0
    at_s = EPOCH_S + number * 7
    key_id = "3EB0%016X" % (number * 0x9E3779B97F4A7C15 % 2**64)
    count = 4 + number * 7 % 25
    body = " ".join(WORDS[(number * 5 + each) % len(WORDS)] for each in range(count))
    return "threads/%s/messages/%s" % (thread, key_id), {
        "accountId": text(ACCOUNT),
        "clientJid": text(jid),
        "threadId": text(thread),
        "direction": text("outbound" if ours else "inbound"),
        "body": text(body),
        "messageType": text("text"),
        "tsClient": time_of(at_s),
        "syncSource": text("history_sync"),
        "status": text("sent" if ours else "delivered"),
        "senderName": text("me" if ours else "Ana Ionescu"),
        "key": fields(
            id=text(key_id),
            remoteJid=text(jid),
            fromMe={"booleanValue": ours},
            timestamp=integer(at_s),
        ),
    }


def write(project, path, values, server_times=SERVER_TIMES):
    """One masked write, with the server's time in the fields that want it."""
    out = {
        "update": {"name": DATABASE % project + "/documents/" + path, "fields": values},
        "updateMask": {"fieldPaths": list(values)},
    }
    if server_times:
        out["updateTransforms"] = [
            {"fieldPath": name, "setToServerValue": "REQUEST_TIME"} for name in server_times
        ]
    return out
