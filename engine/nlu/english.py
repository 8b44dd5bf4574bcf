"""English, as it is spoken on the telephone in the United States."""

import re

from engine.nlu.language import Cues, Language, Numerals

_NOT = {
    "can": "can not", "ca": "can not", "could": "could not", "wo": "will not", "would": "would not",
    "should": "should not", "do": "do not", "does": "does not", "did": "did not", "is": "is not", "are": "are not",
    "was": "was not", "were": "were not", "has": "has not", "have": "have not", "had": "had not", "ai": "is not",
    "must": "must not", "need": "need not", "ought": "ought not", "sha": "shall not",
}  # fmt: skip
_PRONOUNS = {
    "i": {"m": "am", "ve": "have", "d": "would", "ll": "will"},
    "you": {"re": "are", "ve": "have", "d": "would", "ll": "will"},
    "we": {"re": "are", "ve": "have", "d": "would", "ll": "will"},
    "they": {"re": "are", "ve": "have", "d": "would", "ll": "will"},
    "he": {"s": "is", "d": "would", "ll": "will"},
    "she": {"s": "is", "d": "would", "ll": "will"},
    "it": {"s": "is", "d": "would", "ll": "will"},
    "that": {"s": "is", "d": "would", "ll": "will"},
    "this": {"s": "is", "ll": "will"},
    "there": {"s": "is", "ll": "will"},
    "here": {"s": "is"},
    "who": {"s": "is", "d": "would", "ll": "will", "re": "are"},
    "what": {"s": "is", "d": "did", "ll": "will", "re": "are"},
    "where": {"s": "is"},
    "when": {"s": "is"},
    "how": {"s": "is", "d": "did"},
    "why": {"s": "is"},
    "let": {"s": "us"},
    "everything": {"s": "is"},
    "nobody": {"s": "is"},
    "somebody": {"s": "is"},
    "someone": {"s": "is"},
    "name": {"s": "is"},
}
# Without the apostrophe these are other words, or too short to be sure.
_KEEP_BARE = frozenset({"were", "well", "wed", "hell", "shell", "shed", "id", "ill", "whore", "lets", "hed", "itd", "wont"})


def _contractions() -> dict[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = {}
    for stem, words in _NOT.items():
        made[stem + "n't"] = made[stem + "nt"] = tuple(words.split())
    for pronoun, tails in _PRONOUNS.items():
        for tail, word in tails.items():
            made[f"{pronoun}'{tail}"] = (pronoun, word)
            if pronoun + tail not in _KEEP_BARE:
                made[pronoun + tail] = (pronoun, word)
    made |= {
        "can't": ("can", "not"), "cant": ("can", "not"), "cannot": ("can", "not"), "kant": ("can", "not"),
        "wont": ("will", "not"), "gonna": ("going", "to"), "wanna": ("want", "to"), "gotta": ("got", "to"),
        "gimme": ("give", "me"), "lemme": ("let", "me"), "dunno": ("do", "not", "know"), "lets": ("let", "us"),
        "y'all": ("you",), "yall": ("you",), "ya": ("you",), "u": ("you",), "ur": ("your",), "r": ("are",),
        "ma'am": ("ma'am",), "maam": ("ma'am",), "o'clock": ("o'clock",), "oclock": ("o'clock",),
        "ok": ("okay",), "k": ("okay",), "kay": ("okay",), "okey": ("okay",), "yea": ("yeah",), "yah": ("yeah",),
        "yess": ("yes",), "yeh": ("yeah",), "ye": ("yeah",), "uhhuh": ("uh-huh",), "mhm": ("uh-huh",), "mmhmm": ("uh-huh",),
        "mhmm": ("uh-huh",), "naw": ("nah",), "noo": ("no",), "nooo": ("no",), "mr": ("mister",), "mrs": ("missus",),
        "cuz": ("because",), "cause": ("because",), "cos": ("because",), "'cause": ("because",), "til": ("until",),
        "till": ("until",), "bout": ("about",), "em": ("them",), "nothin": ("nothing",), "callin": ("calling",),
        "speakin": ("speaking",), "payin": ("paying",), "fuckin": ("fucking",), "tmrw": ("tomorrow",),
        "thru": ("through",), "pls": ("please",), "plz": ("please",), "ssn": ("social", "security", "number"),
        "voicemail": ("voice", "mail"), "alright": ("all", "right"), "goodbye": ("bye",), "hafta": ("have", "to"),
        "shoulda": ("should", "have"), "coulda": ("could", "have"), "woulda": ("would", "have"), "s'il": ("s'il",),
        "outta": ("out", "of"), "kinda": ("kind", "of"), "sorta": ("sort", "of"), "imma": ("i", "will"),
        "i'ma": ("i", "will"), "ima": ("i", "will"), "innit": ("is", "not", "it"), "whatcha": ("what", "are", "you"),
        "whats": ("what", "is"), "whos": ("who", "is"), "havent": ("have", "not"), "donut": ("do", "not"),
    }  # fmt: skip
    return made


_FILLERS = frozenset(
    "um uh uhm er erm hmm hm mm ah ahh eh oh ooh huh well just actually basically literally honestly seriously like "
    "please ever even kindly simply fucking freaking frigging effing goddamn damn bloody darn really anyway um-hum".split()
) - {"like", "really", "huh", "oh"}

CUES = Cues(
    negation=r"\b(?:not|never|no|nope|nah|none|nobody|neither|nor|without|negative|incorrect|wrong|nothing|refuse|hardly|cannot|stop|want pay)\b",
    interjection=r"no|nope|nah|negative|wrong|incorrect|stop",
    concord=r"no|nobody|nothing|none|never|nor|nowhere",
    says=r"\b(?:say|said|saying|says|tell|told|telling|think|mean|meant|claim|claimed|ask|asked|asking|want|wanted|need|know|believe|suggest|suggesting|imply|implying|state|stated|promise|promised)\b",
    pseudo_negation=(
        r"\b(?:no problem|not a problem|no worries|not only|no doubt|can not wait|do not mind|do not worry|no longer than|"
        r"not bad|not too bad|no issue|not an issue|no matter what|no rush|why not|is not it|is not that right|no later than|"
        r"not later than|no more than|not more than|no less than|not less than|not a big deal|no biggie|not going to lie|"
        r"not gonna lie|no sweat|no question)\b"
    ),
    hedge=(
        r"\b(?:maybe|perhaps|possibly|probably|might|not sure|i guess|i think|i suppose|i believe|i hope|hopefully|supposedly|"
        r"i do not know|who knows|we will see|let us see|i will see|see if|see what|try|trying|may be able|could be able|"
        r"might be|i wish|would love to|would like to but|kind of|sort of|depends|depending|allegedly|could be|"
        r"thinking about|think about|doubt|impossible|no way|there is no|barely|hardly|check with|before i|have to (?:check|ask|see|talk)|have to think|when i have|pretend|imagine|wonder|wondering|or something|rather not|considering|no promises|can not promise|not promising|not promise|or not|"
        r"can not guarantee|potentially|theoretically|in theory|pretend|if i can|if i had|unable|unless|supposed to|i could try|i may|"
        r"could maybe|ought to be able|i would have to|i will have to (?:see|check|think|ask|talk)|need to (?:check|see|think|ask))\b"
    ),
    condition=r"\b(?:if|unless|once|only when|as long as|provided|assuming|in case|whether|suppose|after you|until you|when you|before you)\b",
    later=(
        r"\b(?:someday|some day|one day|eventually|sometime|some time|whenever|when i can|as soon as i can|when i am able|"
        r"when i get around|in the future|at some point|later on|soon as i can|when i feel like|one of these days)\b"
    ),
    third_party=(
        r"\b(?:(?:(?:his|her|their|mister \w+|missus \w+|partyname|'s)|(?:this is|i am|it is|speaking with|speaking to|talking to|talking with|it is me) (?:(?!partyname)\w+ )?(?:my|your|the|a|an)) (?:\w+ )?(?:wife|husband|spouse|brother|sister|mother|mom|"
        r"mum|father|dad|son|daughter|roommate|room mate|housemate|boyfriend|girlfriend|fiance|fiancee|partner|friend|buddy|"
        r"neighbor|neighbour|cousin|uncle|aunt|nephew|niece|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|"
        r"caretaker|caregiver|nurse|secretary|assistant|receptionist|coworker|co worker|colleague|boss|manager|employer|"
        r"landlord|tenant|babysitter|nanny|kid|child|parent|in law|stepson|stepdaughter|stepdad|stepmom|attorney|lawyer|"
        r"executor|widow|widower|guardian|sponsor|housekeeper|maid|supervisor|sibling|twin|ex|old lady|old man|significant other)"
        r"|on behalf of|speaking for|calling for|answering for|answering (?:his|her|their|partyname)|(?:his|her|their) (?:phone|cell|line|number|office|desk)|"
        r"power of attorney|i will (?:get|grab|fetch) (?:him|her|them|partyname)|let me (?:get|grab|fetch|find|see if) (?:him|her|them|partyname|he|she)|"
        r"(?:(?:he|she|they)|(?<!this is )(?<!it is )(?<!i am )(?<!me )partyname) (?:is|are|was|will|has|can|just|went|left|passed|died|lives|moved|works|stepped|should|would|does|did|no longer)\b|partyname 's|"
        r"(?:wife|husband|brother|sister|mother|mom|father|dad|son|daughter|roommate) (?:of|speaking|here)|"
        r"(?:know|give|tell|told|for|about|(?<!speaking )(?<!talking )to|(?<!speaking )(?<!talking )with|from|pass|see|ask|asked|have|leave) (?:him|her|them|partyname)|which partyname|the other partyname|junior|the third)\b"
    ),
    reported=(
        r"\b(?:(?:he|she|they|you|people|someone|somebody|everyone|everybody|guy|lady|man|woman|agent|rep|person|wife|husband|"
        r"mom|mother|dad|father|brother|sister|son|daughter|friend|boss|neighbor|roommate|cousin|uncle|aunt|letter|email|message|ad|commercial|"
        r"radio|tv|recording|song|movie|show|sign|article|website) (?:\w+ )?(?:said|says|say|told|tells|goes|went|asked|asks|asking|"
        r"claimed|claims|screamed|yelled|yelling|shouted|wrote|keeps saying|keep saying|kept saying|were like|was like|is like|is saying|are saying|is telling|are telling|want me to say|wants me to say|think|thinks|thought|promised|meant)|"
        r"(?:said|say|saying|says|quote|unquote|the words|the phrase|asked|asking|asks|pretending to be|pretend to be|claiming to be|claiming|mistook me for|confusing me with|confused with|(?:ask for|asking for|looking for|look for|trying to reach|want to speak to|want to talk to) (?:partyname|him|her|them|somebody|someone)|was told|were told|been told|supposed to say|tell you|told you|telling you))\b"
    ),
    told_us=r"\bi (?:(?!never|not|was|were|been|got)\w+ ){0,3}(?:said|say|tell|told|am telling|am saying|keep telling|have told|have said|already told|asked|am asking)\b",
    sarcasm=(
        r"\b(?:pigs (?:can )?fly|hell freezes|freezes over|in your dreams|you wish|yeah right|sure sure|over my dead body|"
        r"dream on|fat chance|when i win the lottery|win the lottery|as if|good luck with that|keep dreaming|ha ha|haha|lol|"
        r"money tree|cows come home|blue moon|my foot|my eye|right sure|sure buddy|sure pal|okay buddy|whatever you say|"
        r"nice try|santa claus|tooth fairy|easter bunny|queen of england|king of england|the pope|president of|elvis|batman|superman|mickey mouse|"
        r"a million dollars|a million bucks|a billion|monopoly money|kidding me|joking|kidding|yeah yeah|blah blah|because i am rich|"
        r"made of money|rolling in|swimming in|my firstborn|first born|bill gates|elon musk|next lifetime|another life|next life|"
        r"never mind|psych|sike|when donkeys|the moon is|monkeys fly|wake up rich|hold your breath|what a joke|^sure i am|hamburger|pay (?:you |y'all )?(?:zero|nothing|never)|for a cheeseburger|sure sure|sure whatever|whatever|my arse|my ass|my behind|you guys are funny|very funny|hilarious|sure thing buddy|sure jan|would not you like|like that will happen|^like i (?:am going to|will)|are you (?:crazy|nuts|insane|out of your mind)|out of my (?:hat|ass|butt)|(?:30th|31th|thirtieth|thirty first|30|31) of february|february (?:30|31|30th|thirtieth|thirty first|thirty)|that is gonna happen|going to happen|the day i)\b"
    ),
    retraction=(
        r"\b(?:wait no|no wait|actually no|i mean no|scratch that|take that back|changed my mind|on second thought|"
        r"never mind|forget it|just kidding|(?<!why )(?<!or )not|no|sorry no|i lied|but i can not|but no|but i will not)$|\bbut not (?:on|by|this|that|until|before|today|right|now|next|the|for|to you|you|it|him|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\bno wait\b|\bwait no\b|\bjust kidding\b|\bi am kidding\b"
    ),
    question=(
        r"^(?:and |but |so |yes |yeah |okay |wait |hey |hi |hello |sure )*(?:who|what|why(?! not$)|when|where|how(?! about)|which|is|are|do|does|did|can|could|would|will|should|"
        r"may|am|have|has|was|were|you mean|you are asking|are not|is not|do not you|does not|did not)\b"
    ),
    someone_else_does=(
        r"\b(?:he|she|they|you|it|(?:my|his|her|the|their|your) (?:\w+ )?(?:wife|husband|mom|mother|dad|father|son|daughter|brother|sister|insurance|"
        r"boss|ex|company|lawyer|attorney|parents|kids|friend|job|boyfriend|girlfriend|employer|partner|roommate|bank)|somebody|someone|partyname|everyone|insurance|people|the government) "
        r"(?:\w+ )?(?:can|will|would|could|should|is|are|was|has|have|had|pays|paid|pay|need|needs|must|might|want|wants|take|takes|took|sends|gave|put|do|does|did)\b"
    ),
    other_debts=(
        r"\b(?:rent|mortgage|car note|car payment|attention|electric bill|electricity|light bill|gas bill|water bill|phone bill|cable bill|"
        r"taxes|child support|alimony|tuition|student loan|student loans|groceries|respects|a visit|the price|my other bills|"
        r"other bills|my car|my bills|my kids|my lawyer|my attorney|my landlord|day care|daycare|him|her|them|cash for gold|compliments|"
        r"my employees|my doctor|my dues|insurance bill|(?:someone|somebody|anyone|anybody|everyone) (?:else|but you))\b"
    ),
    yes=(
        r"\b(?:yes|yeah|yep|yup|yea|sure|correct|right|okay|absolutely|definitely|certainly|affirmative|exactly|indeed|"
        r"of course|go ahead|do it|do that|sounds good|that works|works for me|uh-huh|fine|agree|agreed|great|perfect|"
        r"true|you got it|you bet|why not|no problem|that is right|that is correct|that is fine|good with me|for sure|totally|that is me|i consent|i accept|(?<!i am )(?<!we are )good|deal|(?:i do|i am|i will|it is|i can|i would|we can|you can|it does|that does|we do|i have|i did|please do)$)\b"
    ),
    no=r"\b(?:no|nope|nah|negative|never|absolutely not|not really|i do not|incorrect|no way|not at all|no thanks|no thank you|wrong|disagree|not|nothing|refuse)\b",
    general=r"^(?!(?:\w+) not\b)(?:what|how|who|where|when|why|which|is|are|does|do|did|can|could|will|would|should|find|show|look|search|read|give|tell|play|get|create|set|explain|define|remind|book|list|add|review|check|start|fill|locate|order|call|make|write|open|turn|calculate|please|name|compare|delete|time|translate|buy|convert)\b",
    self_reference=r"\b(?:i|me|my|mine|we|us|our|myself|you|your|yours|this|these|partyname|he|she|him|his|her)\b",
    plain=(
        r"\b(?:yes|yeah|yep|yup|sure|correct|right|okay|please|thanks|thank you|you|sir|ma'am|miss|it|is|that|this|i|do|am|will|would|can|me|"
        r"to|the|a|for|with|fine|good|great|perfect|works|work|sounds|go|ahead|agree|very|much|much|all|so|hi|hello|oh|um|absolutely|"
        r"definitely|of|course|uh-huh|exactly|certainly|let us|we|did|have|does|and|then|now|be|was|be|not|no|nope|nah|think|thing|totally|man|problem|dear|honey|hon|buddy|at|way|really|hell|bet|got|confirm|confirmed|understand|understood|accept|consent|doing|done|affirmative|negative|never|incorrect|wrong|true|want|guys|need|like|none|here|today|put|down|amount|date|gonna|going|both|set|up|record|it)\b"
    ),
    confirms=(
        r"(?:(?:hi|hello|hey|oh|it|is|this|that|i|am) )*(?:yes|yeah|yep|yup|uh-huh|correct|affirmative|indeed|exactly|speaking)"
        r"(?: (?:yes|yeah|yep|yup|it|is|this|that|i|am|sir|ma'am|miss|speaking|correct|right|indeed|me|he|she|here))*"
    ),
    introduces=r"\b(?:it is me|this is me|this is|it is|i am|my name is|name is|you are speaking (?:to|with)|you are talking (?:to|with)|speaking (?:to|with)|you have reached|you reached|you got|you have got|here is)\b",
    unbounded=r"\b(?:anywhere|any where|home|house|cell|cellphone|mobile|ever|period|alone|any number|all my numbers|anymore at all|at all|for good|forever|not call me again|list|another number)\b",
    supposes=r"\b(?:(?:would|had) rather (?:go|be|declare|file|file for)|thought(?: that)?|assumed(?: that)?|was told)$",
    concedes=r"\b(?:not|never) (?:\w+ ){0,2}(?:disput\w+|deny|denying|contest\w*|argu\w+|challeng\w+|question\w*|doubt\w*)\b",
    undoes=(
        r"\b(?:why|when|how come|did|have)(?: did| have)? you(?: \w+)? (?:stop|stopped|quit)\b|\byou (?:\w+ )?(?:had |have )?stopped\b|"
        r"\b(?:wife|husband|mom|mother|dad|father|son|daughter|he|she|brother|sister) (?:\w+ )?(?:told|asked) you (?:\w+ ){0,8}"
        r"but (?:it is|that is|i am|i do not mind)\b"
    ),
)

NUMERALS = Numerals(
    units={
        w: i
        for i, w in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
            "seventeen eighteen nineteen".split()
        )
    }
    | {"oh": 0, "o": 0, "naught": 0},
    tens={w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)} | {"fourty": 40, "fitty": 50},
    hundreds={},
    multipliers={"hundred": 100, "hundreds": 100, "thousand": 1000, "grand": 1000, "k": 1000},
    ordinals={
        w: i
        for i, w in enumerate(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
            1,
        )
    }
    | {"thirtieth": 30},
    repeats={"double": 2, "triple": 3},
    joiner="and",
    months={
        "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6,
        "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10,
        "november": 11, "nov": 11, "december": 12, "dec": 12,
    },
    weekdays={
        "monday": 0, "mon": 0, "tuesday": 1, "tue": 1, "tues": 1, "wednesday": 2, "wed": 2, "weds": 2, "thursday": 3,
        "thu": 3, "thur": 3, "thurs": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6, "sun": 6,
    },
)  # fmt: skip

_CORRECTIONS = tuple(
    (re.compile(heard), meant)
    for heard, meant in (
        (r"\b(?:nuh|unh|nah|huh) (?:uh|ah)\b|\bnuh-uh\b", "no"),
        (r"\b(?:uh|um|mm|mhm|hm) (?:huh|hm|hmm|hum)\b", "uh-huh"),
        (r"^know (?=i |this |he |she |it |that |there |thank|thanks|sorry|wrong|you |we |they |not )", "no "),
        (r"\b(do|did|does) not no\b", r"\1 not know"),
        (r"\byour (?=(?:calling|cutting|breaking|going|fading|getting|harassing|mumbling|driving|charging|dead|being|always|gonna|talking|speaking|looking|not|wrong|the wrong|a robot|a real|asking|harassing|bothering|trying|mistaken|a machine|an? ))", "you are "),
        (r"\b(?:there|their) (?=(?:is|are|was) )", "there "),
        (r"\bits (?=(?:not|me|him|her|the|a|already|been|paid|a |my|wrong|alex|partyname|his|hers|too|bad|been))", "it is "),
        (r"\bill (?=(?:pay|send|call|have|do|give|be|get|make|take|put|see|talk|sue|never|not|kill|mail|try|settle|handle|catch|bring|need|want|just|grab|go|hand|pass|let|check|find|tell|wait|hold|fetch|ask|come|think|agree|block|report|file)\b)", "i will "),
        (r"\bid (?=(?:like|rather|love|prefer|be|have|need|want|pay|say|not))", "i would "),
        (r"\bi'll$|\bi'll ", "i will "),
        (r"\b(?:write|rite|wright) (person|number|now|party|guy|away|one)\b", r"right \1"),
        (r"\b(?:rong|wrung) (number|person|guy|party)\b", r"wrong \1"),
        (r"\bwrong (?:numbers|numb|member|numer|nummer)\b", "wrong number"),
        (r"\b(?:by|buy) (?=(?:the|my|next|this|friday|monday|tuesday|wednesday|thursday|saturday|sunday|tomorrow|end|then))", "by "),
        (r"\b(?:by by|buy buy|by bye|buy bye)\b", "bye"),
        (r"\bhear (?=(?:is|are|he|she|they|by|at|with|named|talk|anymore|right|please)\b)|\bhear$", "here"),
        (r"\b(right|lives?|nobody|somebody|anybody|someone|one|is|am|is not|are not|am not|calling|call|work|house) hear\b", r"\1 here"),
        (r"^(yes |yeah |no |okay |so |and |but |then |well |sure |sorry )*ill (?!and|or|but|from|with|right now)(?=\w)", r"\1i will "),
        (r"\bphone (?:s|is) for you\b", "phone is for you"),
        (r"(?<!to )(?<!the )(?<!what )(?<!oh )\bhell (pay|send|call|be|give|take|do|mail|bring|get|cover)\b", r"he will \1"),
        (r"(?<!the )(?<!a )\bshell (pay|send|call|be|give|take|do|mail|bring|get|cover)\b", r"she will \1"),
        (r"\bdead (tired|serious|wrong|set|broke|beat|even|sure|last|on my feet)\b", r"very \1"),
        (
            r"\b((?:phone|cell|cellphone|battery|car|truck|van|laptop|charger|connection|line|dog|cat|pet)"
            r"(?: (?:is|was|has|had|just|already|about to|going to|might|will|almost|nearly))*) (?:die|dying|dies|died|dead)\b",
            r"\1 gone",
        ),
        (r"\bpade\b", "paid"),
        (r"\b(?:payed)\b", "paid"),
        (r"\b(?:to|too) (hundred|thousand|fifty|fifteen|weeks|days|months)\b", r"two \1"),
        (r"\b(?:for) (hundred)\b", r"four \1"),
        (r"\b(?:won) (hundred|thousand|week|month)\b", r"one \1"),
        (r"\b(?:ate) (hundred|thousand)\b", r"eight \1"),
        (r"\bweak (?=from\b)", "week "),
        (r"\bnext weak\b", "next week"),
        (r"\b(?:hole|hold) (?=(?:thing|amount|balance)\b)", "whole "),
        (r"\ba couple (?:of )?(hundred|thousand|grand)\b", r"two \1"),
        (r"\b(?:a few|several|some) (?:hundred|thousand|grand)\b", "some"),
        (r"\bmite\b", "might"),
        (r"\bthe (?:eighth|ate) of\b", "the eighth of"),
        (r"\bknot\b", "not"),
        (r"\b(?:dew|due) not\b", "do not"),
        (r"\b(?:lawer|loyer|liar|layer) (?=(?:who|that|handles|is|will|and|said|for))", "lawyer "),
        (r"\b(?:a|my|have an?) (?:loyer|lawer|lawyers)\b", "my lawyer"),
        (r"\ball right\b", "okay"),
        (r"\bgood bye\b", "bye"),
        (r"\b(?:bank rupt(?:cy)?|bankrupcy|bankruptsy|bank ruptcy)\b", "bankruptcy"),
        (r"\b(?:diseased|disceased|deceast|the ceased)\b", "deceased"),
        (r"\b(?:chapter (?:sevin|7))\b", "chapter seven"),
        (r"\b(?:chapter 13)\b", "chapter thirteen"),
        (r"\b(?:past away|passed a way)\b", "passed away"),
        (r"\b(?:weight|wait) a (minute|second|sec|moment)\b", r"wait a \1"),
        (r"\b(?:aisle|isle) (pay|send|call)\b", r"i will \1"),
        (r"\b(?:eye) (am|will|can|do|have|never|want|need|already)\b", r"i \1"),
        (r"\b(?:hymn)\b", "him"),
        (r"\b(?:wear|ware) (?=(?:is|are) (?:you|this))", "where "),
        (r"\b(?:hoo|whom) is (this|calling|speaking)\b", r"who is \1"),
        (r"\b(?:witch) (company)\b", r"which \1"),
        (r"\b(?:sew|sue) you\b", "sue you"),
        (r"\b(?:fore) (?=(?:hundred|months))", "four "),
        (r"\b(?:thee) (?=\w)", "the "),
        (r"\b(?:hear) speaking\b", "here speaking"),
        (r"\b(?:coal|caul|kall|col) me\b", "call me"),
        (r"\b(?:stop|stopped) (?:caling|cauling|calling's|collin|colin|coiling)\b", "stop calling"),
        (r"\b(?:moor) calls\b", "more calls"),
        (r"\b(?:no|know) (?:more|moor) (calls|calling)\b", r"no more \1"),
        (r"\b(?:dun|done) call\b", "do not call"),
        (r"\b(?:dead) collector\b", "debt collector"),
        (r"\b(?:det|dett|dead|bet) (?=(?:is|was) (?:not|already|paid))", "debt "),
        (r"\bunder oath\b", "under oath"),
    )
)

ENGLISH = Language(
    code="en",
    contractions=_contractions(),
    fillers=_FILLERS,
    openers=re.compile(r"(?:(?:hey|listen|so|look)(?: man| lady| buddy| here| now| sir| ma'am)? (?!up\b|for\b|at\b|to\b|like\b|into\b|far\b|long\b|many\b|much\b|sorry\b|very\b|early\b|late\b|what$))+(?=\w)"),
    filler_phrases=(("you", "know"), ("i", "mean"), ("you", "see")),
    corrections=_CORRECTIONS,
    clause_openers=frozenset({"but", "however", "though", "although", "because", "so", "and", "or", "except", "plus", "then", "since"}),
    subjects=frozenset({"somebody", "someone", "nobody", "i", "we", "you", "he", "she", "they", "it", "this", "that", "there", "who", "what", "let", "my", "partyname", "do", "stop"}),
    auxiliaries=frozenset(
        "am is are was were will would can could do does did have has had should may might must need want think got get "
        "know pay paid not us me never already told said owe lost died passed speaking filed work works call calling used stole opened took guarantee promise canceled returned sent mailed settled told hired retained moved live lives left went just still thought".split()
    ),
    inverts=frozenset("are is am was were do does did can could will would should may have has".split()),
    pronouns=frozenset("i you he she it we they this that".split()),
    asks=frozenset("who what why where when how which".split()),
    complementisers=frozenset(
        "that if when what who how think said say says told not do does did know because believe hope wish unless until once than is are "
        "was were am be can could will would should where why which whether not never i you he she we they it as the a an to of for with so "
        "and or but like after before while whenever since my your his her their see tell ask asking asked sure glad guess suppose if yes no yeah mean".split()
    ) - {"yes", "no", "yeah", "you", "it"},
    cues=CUES,
    numerals=NUMERALS,
)
