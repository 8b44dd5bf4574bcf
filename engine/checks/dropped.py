"""What a bundle is not checked for, and why.

Each entry names a rule that was considered and the reason for leaving it out:
the language cannot express the mistake, or another check or command finds it.
"""

from collections.abc import Mapping

DROPPED: Mapping[str, str] = {
    "looks-like-yes-no": "scalars are typed by their place, so `no` is never read as false",
    "looks-like-a-time-or-number": "scalars are typed by their place, so `21:00` is never read as 1260",
    "version-not-bumped": "one bundle has no memory of the last; comparing two versions reports it",
    "no-start-or-several": "`start` is one required setting",
    "ambiguous-transition": "a handler is a list: the first step that holds is taken, and order is part of the text",
    "unknown-condition-name": "every name is looked up when conditions are read (`unknown-name`)",
    "call-too-long": "how long a call takes depends on the callee; replaying calls measures it",
    "wrong-format-for-speech": "money, dates and times are spoken by their type without a filter",
    "sensitivity-not-declared": "what a fact gives away is its class; `class-unguarded` finds a class nobody guards",
    "slow-pattern": "patterns are RE2, which is linear in the text",
    "intents-too-alike": "the recogniser's own evaluation measures confusion on held-out sentences",
    "negation-risk": "the recogniser's evaluation has a set of negated sentences",
    "stale-translation": "prompts carry no date or hash of their source; comparing two versions reports it",
    "required-text-altered": "prompts that rules name belong to policies; comparing two versions reports altered words",
    "ends-without-outcome": "`end` names a disposition or does not compile",
    "promise-without-read-back": "a rule says so (`never_do … unless asked.…`) and is proved like any other",
    "debt-to-third-party-or-voicemail": "rules say so and are proved (`rule-can-be-broken`)",
    "protected-slot-in-prompt": "`spoken: never` is refused when sentences are read (`secret-in-prompt`)",
    "missing-disclosure-on-some-path": "`must_say` puts the disclosure in by itself",
    "disclosure-interruptible": "a cut-off prompt is unsaid, and every interruption is part of every proof",
    "disclosure-before-identity": "an insertion that another rule forbids breaks the proof of both",
    "disclosure-repeated": "`must_say` puts a prompt in only while it is unsaid",
    "veto-not-handled": "every flow has one `blocked`, from every state",
    "policy-has-no-test": "coverage of scenarios reports rules that never fired and never held back",
    "transition-not-covered": "coverage of scenarios reports it",
    "surviving-mutant": "the mutation command reports it",
    "disclosure-weakened": "it compares two versions",
    "condition-removed": "it compares two versions",
    "protection-moved-later": "it compares two versions",
    "retry-raised": "it compares two versions",
    "language-dropped": "it compares two versions",
    "outcome-renamed": "it compares two versions",
    "intent-removed-with-live-traffic": "it compares two versions, and needs recorded calls",
    "heard-but-not-handled": "a state hears what it answers, in one list, so neither can be without the other",
    "debt-before-identity": "rules say so and are proved (`rule-can-be-broken`)",
    "recording-notice-late": "rules say before what it must be said, and it is put in there by itself",
    "identity-check-asks-too-much": "what is asked is the author's to say; what is checked is never spoken "
    "(`secret-in-prompt`)",
    "authority-missing-or-stale": "`source` is a required setting; when somebody last read the law is not kept in a "
    "bundle, and what counsel must confirm is listed in the register",
    "scenario-expects-waived-behaviour": "what rules forbid cannot be waived, so no scenario can rest on it",
    "policy-never-fired-in-history": "it takes recorded calls; replaying them reports it",
}
