"""What stands in Firestore against what the simulated phone says it has: the answer key of wa-sim,
compared as the end-to-end tests compare what `threads list` and `threads show` print.
"""

import harness
from inbox_contract import hidden_because, milliseconds, shown_name

# What the two sides can be compared by; names of senders have rules of their own.
MESSAGE_FIELDS = "type timestamp direction quoted_id reactions media filename body".split()
THREAD_FIELDS = ("name", "phone", "last_message", "direction", "unread", "hidden_because")


def seconds(time):
    return milliseconds(time) // 1000


def listed_document(name, thread):
    fields = thread["fields"]
    return {
        "jid": fields["clientJid"],
        "name": shown_name(fields) or None,
        "phone": fields.get("phoneE164"),
        "last_message": fields.get("lastMessagePreview"),
        "direction": fields.get("lastMessageDirection"),
        "unread": fields["unreadCount"],
        "messages": len(thread["messages"]),
        "hidden_because": hidden_because(name, fields),
        "last_message_at": seconds(fields["lastMessageAt"]),
    }


def shown_document(name, fields):
    media = fields.get("media")
    known = harness.MEDIA.get(fields["messageType"], {})
    return {
        "id": name,
        "type": fields["messageType"],
        "timestamp": seconds(fields["tsClient"]),
        "direction": fields["direction"],
        "quoted_id": fields.get("quoted", {}).get("id"),
        "reactions": fields.get("reactions", {}),
        "media": media and {each: media[each] for each in known},
        "filename": media and media["filename"],
        "body": fields["body"],
    }


def differing(where, ours, expected, names):
    return [
        "%s %s: %r instead of %r" % (where, name, ours.get(name), expected[name])
        for name in names
        if name in expected and ours.get(name) != expected[name]
    ]


def differences(dataset, whole):
    """Sentences. `dataset` is Simulator.dataset(), `whole` GoogleClient.read_account()."""
    contacts = {each["jid"]: each for each in dataset["contacts"]}
    threads = {
        thread["fields"]["clientJid"]: (name, thread) for name, thread in whole["threads"].items()
    }
    wanted = {thread["jid"]: thread for thread in dataset["threads"]}
    out = ["thread %s is missing" % jid for jid in wanted if jid not in threads]
    out += ["thread %s is too much" % jid for jid in threads if jid not in wanted]
    for jid in wanted.keys() & threads.keys():
        name, thread = threads[jid]
        expected = harness.as_listed(wanted[jid])
        ours = listed_document(name, thread)
        out += differing(jid, ours, expected, (*THREAD_FIELDS, "messages", "last_message_at"))
        documents = thread["messages"]
        messages = {
            shown["id"]: shown
            for shown in (
                harness.as_shown(each, wanted[jid], contacts) for each in wanted[jid]["message_list"]
            )
        }
        out += ["%s %r is missing" % (jid, each) for each in messages.keys() - documents.keys()]
        out += ["%s %r is too much" % (jid, each) for each in documents.keys() - messages.keys()]
        for each in messages.keys() & documents.keys():
            ours = shown_document(each, documents[each])
            out += differing("%s %r" % (jid, each), ours, messages[each], MESSAGE_FIELDS)
    return out
