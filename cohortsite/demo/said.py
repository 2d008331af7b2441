"""The words of both circles: written here, told by `rhythm`.

Days count from today, sessions by their number; `lang` is the language of the words.
"""

from __future__ import annotations

from dataclasses import dataclass

CASE = "Peer consultation: why do referral cards stall at the second clinic?"

BAOBAB_SESSIONS = (
    ("Who we are, and how we want to be", "We write our first charter together."),
    ("First edges", "Everyone names what is stuck, and one thing to try."),
    ("Troika: three small tests", "Help in threes, twelve minutes each."),
    (
        "What the first tests showed",
        "Bring your signal, whatever it says. A test that failed is welcome.",
    ),
    (
        CASE,
        "Amina brings the case. Cards leave her clinic full and reach the second one "
        "empty: what is she not seeing?",
    ),
    ("Looking at our charter again", "What serves, what strains, what to change."),
    ("Peer consultation: Marek's handovers", "Two minutes of voice: what gets lost?"),
    ("What travels", "Which of our practices could somebody else begin with?"),
    ("Harvest and goodbye", "What we keep, what we pass on, what we let go."),
)
BAOBAB_NOT_HELD = {
    3: "Power was out in Kisumu and Gulu the whole afternoon. We wrote instead."
}
BAOBAB_AWAY = {1: ("nadia",), 2: ("linh", "marek"), 4: ("tenzin",)}

MANGROVE_SESSIONS = (
    ("Arriving", "Who is here, and what each of us carries."),
    ("A charter to begin with", "Seven sentences we can live with."),
    ("The week we nearly stopped", "Two of us, one budget line: what now?"),
    ("Small signals", "What would we see if it worked, and who would count?"),
    ("Peer consultation: the ledger one can sing", "Kwame brings the case."),
    ("Looking at our charter again", "Ravi holds the time."),
    ("Peer consultation: ramps", "Putri brings ten photographs."),
    ("What travels", "Which of our practices could somebody else begin with?"),
    ("Harvest and goodbye", "What we keep, what we pass on, what we let go."),
)
MANGROVE_AWAY = {1: ("samuel",), 3: ("rosa", "daniel"), 4: ("putri",)}


# --- The live session ------------------------------------------------------------

# who, mood, how they arrive, what they mean to do, their edge, the language
ARRIVING = (
    (
        "amina",
        "stretched",
        "Nimefika moja kwa moja kutoka kliniki, bado nina kalamu mkononi.",
        "Kusikia maswali kabla ya majibu.",
        "Kadi zinatoka zimejaa, zinafika tupu.",
        "sw",
    ),
    (
        "farah",
        "steady",
        "هدوء بعد أسبوع طويل، والمطر أخيرًا.",
        "أن أسأل ولا أنصح.",
        "كيف نطلب الإذن دون أن نُخيف.",
        "ar",
    ),
    (
        "mariam",
        "glad",
        "Contente : la première voix en wolof tourne sur trois téléphones.",
        "Écouter jusqu'au bout.",
        "Je ne sais pas qui efface les voix, et quand.",
        "fr",
    ),
    (
        "marek",
        "steady",
        "On the bus, headphones in, a seat by the window.",
        "To ask one question and stop.",
        "I mend things before I know whether they are broken.",
        "en",
    ),
    (
        "rafael",
        "stuck",
        "Con frío: granizó toda la noche.",
        "Escuchar el caso como si fuera mío.",
        "Nadie firma cuando el agua ya corre.",
        "es",
    ),
)
# who has the word, from which minute on; the last one speaks now
SPOKE = (
    ("sipho", 0.9),
    ("nadia", 1.9),
    ("marek", 2.8),
    ("joao", 3.9),
    ("farah", 9.6),
    ("grace", 11.2),
    ("amina", 15.2),
    ("rafael", 22.6),
    ("grace", 25.1),
    ("mariam", 27.0),
    ("sipho", 29.2),
    ("joao", 30.6),
    ("leila", 32.9),
)
WROTE = (
    ("rafael", 21.5, "¿Quién llena la última línea?"),
    ("linh", 24.0, "Who tells the second nurse that a card is coming?"),
    ("grace", 28.0, "What happens on market day?"),
    ("tenzin", 31.0, "What does the card cost the one who receives it?"),
)


# --- Check-ins -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CheckIn:
    who: str
    day: int
    hour: int = 9
    mood: str = "steady"
    grounding: str = ""
    intention: str = ""
    edge: str = ""
    lang: str = "en"
    session: int = 0
    waited: int = 0  # minutes it lay on the phone


BAOBAB_CHECKINS = (
    CheckIn(
        who="amina",
        day=-78,
        mood="glad",
        edge="Nataka kuuliza kabla ya kueleza. Ni vigumu kuliko nilivyodhani.",
        lang="sw",
    ),
    CheckIn(
        who="joao",
        day=-77,
        hour=15,
        mood="stretched",
        edge="A sirene toca, e quem mora embaixo já saiu. Para quem eu aviso?",
        lang="pt-br",
    ),
    CheckIn(
        who="linh",
        day=-71,
        hour=7,
        mood="steady",
        edge="The buyers say our morning price is a strike. I say it is arithmetic.",
    ),
    CheckIn(
        who="mariam",
        day=-64,
        mood="stretched",
        edge="Une mère a gardé la feuille, pliée, sans jamais la lire.",
        lang="fr",
    ),
    CheckIn(
        who="sipho",
        day=-62,
        hour=11,
        mood="stuck",
        grounding="Nine clinics, nine second books. I counted them myself.",
        edge="I like being the one who knows. That may be the problem.",
    ),
    CheckIn(
        who="nadia",
        day=-55,
        hour=13,
        mood="steady",
        edge="رسمتُ الأجر بالفول: حبة لكل يوم. ضحكن، ثم سألن عن الحبة الناقصة.",
        lang="ar",
    ),
    CheckIn(
        who="tenzin",
        day=-49,
        hour=8,
        mood="stretched",
        grounding="Snow on the pass, so the bus takes six hours and I write from it.",
        edge="I count who is missing and not who came.",
        waited=185,
    ),
    CheckIn(
        who="grace",
        day=-41,
        hour=18,
        mood="steady",
        intention="Write with you since we could not meet.",
        edge="My pictures are too pretty. Nobody dares to write on them.",
        session=3,
    ),
    CheckIn(
        who="amina",
        day=-41,
        hour=19,
        mood="stuck",
        intention="Kuandika badala ya kukutana; umeme hakuna.",
        edge="Kadi kumi zimeondoka, mbili zimerudi.",
        lang="sw",
        session=3,
        waited=70,
    ),
    CheckIn(
        who="farah",
        day=-34,
        hour=12,
        mood="glad",
        edge="امرأة اتصلت للمرة الثانية. قالت: لأنكم سألتم أولًا.",
        lang="ar",
    ),
    CheckIn(
        who="rafael",
        day=-29,
        hour=16,
        mood="steady",
        edge="Cambiamos el sello por una foto. Ahora discuten quién sale en ella.",
        lang="es",
    ),
    CheckIn(
        who="marek",
        day=-20,
        hour=20,
        mood="stretched",
        grounding="Long week, two carers ill.",
        edge="My voice notes are four minutes. I asked for two.",
    ),
    CheckIn(
        who="leila",
        day=-15,
        hour=10,
        mood="steady",
        edge="أتعجّل ملء الصمت. هذا الأسبوع سأعدّ حتى العشرة.",
        lang="ar",
    ),
    CheckIn(
        who="joao",
        day=-13,
        hour=14,
        mood="glad",
        edge="Uma vizinha avisou a rua antes de mim. Fiquei com ciúme, e depois feliz.",
        lang="pt-br",
    ),
    CheckIn(
        who="linh",
        day=-9,
        hour=7,
        mood="glad",
        edge="Yesterday the scale and the gate said the same number. Once.",
    ),
    CheckIn(
        who="amina",
        day=-8,
        hour=20,
        mood="stretched",
        edge="The second nurse signed before I spoke. I nearly explained it away.",
    ),
    CheckIn(
        who="mariam",
        day=-6,
        hour=9,
        mood="steady",
        edge="Quarante secondes suffisent. La quarante et unième, je prêche.",
        lang="fr",
    ),
    CheckIn(
        who="sipho",
        day=-4,
        hour=17,
        mood="steady",
        edge="One clinic gave me its second book to burn. I keep it in a drawer.",
    ),
    CheckIn(
        who="nadia",
        day=-3,
        hour=11,
        mood="stuck",
        edge="Je traduis tout pour tout le monde, et le soir je ne parle plus.",
        lang="fr",
    ),
    CheckIn(
        who="grace",
        day=-1,
        hour=16,
        mood="glad",
        edge="A boy drew the third box wrong, and his is clearer than mine.",
    ),
)

MANGROVE_CHECKINS = (
    CheckIn(
        who="kwame",
        day=-70,
        mood="glad",
        edge="My aunt corrected the ledger by singing it. I had counted twice.",
    ),
    CheckIn(
        who="neema",
        day=-66,
        hour=19,
        mood="steady",
        edge="Wanachama wanaimba vizuri, ila kiongozi hataki kusikilizwa.",
        lang="sw",
    ),
    CheckIn(
        who="carmen",
        day=-45,
        hour=15,
        mood="stretched",
        edge="Prometí el presupuesto a dos personas. Las dos tienen razón.",
        lang="es",
    ),
    CheckIn(
        who="ousmane",
        day=-44,
        hour=16,
        mood="stuck",
        edge="J'ai quitté l'appel avant la fin. Plus de mots, seulement du bruit.",
        lang="fr",
    ),
    CheckIn(
        who="ines",
        day=-30,
        hour=18,
        mood="steady",
        edge="Volvieron tres frascos, y uno con una carta adentro.",
        lang="es",
    ),
    CheckIn(
        who="daniel",
        day=-22,
        hour=10,
        mood="glad",
        edge="Somebody said “I broke it” before I had opened the box.",
    ),
    CheckIn(
        who="yasmine",
        day=-16,
        hour=13,
        mood="steady",
        edge="الأطفال يحفظون السجل أفضل منا. المشكلة أننا لا نسألهم.",
        lang="ar",
    ),
    CheckIn(
        who="putri",
        day=-11,
        hour=8,
        mood="stretched",
        edge="Ten photographs, seven motorbikes. I know one of the owners.",
    ),
    CheckIn(
        who="samuel",
        day=-7,
        hour=17,
        mood="stretched",
        grounding="Pas de courant depuis deux jours ; j'écris quand le voisin allume.",
        edge="Une question par jour, et le troisième jour je n'en ai plus.",
        lang="fr",
        waited=310,
    ),
    CheckIn(
        who="rosa",
        day=-2,
        hour=16,
        mood="stuck",
        edge="Pido a otras que descansen y yo no descanso.",
        lang="es",
    ),
    CheckIn(
        who="ravi",
        day=-1,
        hour=9,
        mood="steady",
        edge="The last house heard the drum. It took eleven minutes; I hoped for six.",
    ),
)


# --- Promises --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Promise:
    who: str
    promise: str
    made: int
    due: int
    evidence: str = ""
    lang: str = "en"
    session: int = 0
    ended: int | None = None
    how: str = ""  # kept, let go, changed
    outcome: str = ""
    instead: str = ""
    then_due: int = 0
    kept_instead: int | None = None


BAOBAB_PROMISES = (
    Promise(
        who="amina",
        promise="Ask two clinics to try the one-page referral card",
        evidence="10 cards returned with a stamp. So far 6.",
        made=-21,
        due=3,
        session=4,
    ),
    Promise(
        who="amina",
        promise="Send Grace the picture version",
        made=-21,
        due=-3,
        session=4,
    ),
    Promise(
        who="amina",
        promise="Listen to one nurse for 20 minutes",
        evidence="I write down three sentences of hers, and none of mine.",
        made=-21,
        due=-2,
        session=4,
        ended=-2,
        how="kept",
        outcome="She had drawn the third box herself.",
    ),
    Promise(
        who="amina",
        promise="Print fifty cards in town",
        evidence="Fifty cards on the table.",
        made=-63,
        due=-50,
        session=2,
        ended=-49,
        how="changed",
        instead="Print twenty cards on the clinic's own printer",
        then_due=-40,
        kept_instead=-42,
        outcome="Twenty-two. The last two are crooked and used the most.",
    ),
    Promise(
        who="amina",
        promise="Kumtembelea afisa wa kaunti na kumwonyesha kadi",
        lang="sw",
        made=-63,
        due=-30,
        session=2,
        ended=-28,
        how="let go",
        outcome="Ofisi imefungwa hadi mwaka ujao; nitaanza na kliniki.",
    ),
    Promise(
        who="amina",
        promise="Ask for the first turn once, instead of the last",
        made=-84,
        due=-63,
        session=1,
        ended=-63,
        how="kept",
        outcome="I did, and my voice shook, and nothing happened.",
    ),
    Promise(
        who="rafael",
        promise="Probar la tarjeta con tres familias, con foto en vez de sello",
        evidence="Tres fotos de agua que corre.",
        lang="es",
        made=-21,
        due=-7,
        session=4,
        ended=-8,
        how="kept",
        outcome="Cuatro familias; una la pidió sin que yo ofreciera.",
    ),
    Promise(
        who="mariam",
        promise="Enregistrer la consigne en wolof, quarante secondes au plus",
        evidence="Trois mères la répètent sans moi.",
        lang="fr",
        made=-21,
        due=-10,
        session=4,
        ended=-11,
        how="kept",
        outcome="Cinq. L'une d'elles l'a chantée.",
    ),
    Promise(
        who="sipho",
        promise="Write down why we set the card aside in Durban",
        made=-63,
        due=-45,
        session=2,
        ended=-46,
        how="kept",
        outcome="One page. Harder than a success.",
    ),
    Promise(
        who="linh",
        promise="Read prices aloud at the gate on five mornings",
        evidence="Five numbers, morning and evening, on one sheet.",
        made=-21,
        due=5,
        session=4,
    ),
    Promise(
        who="farah",
        promise="سأسأل كل متصلة: هل أكتب اسمك أم لا؟",
        evidence="عشرون مكالمة بدأت بالسؤال.",
        lang="ar",
        made=-21,
        due=8,
        session=4,
    ),
    Promise(
        who="marek",
        promise="Keep handovers under two minutes for one week",
        made=-21,
        due=-12,
        session=4,
        ended=-12,
        how="changed",
        instead="Keep three handovers under two minutes",
        then_due=4,
    ),
    Promise(
        who="tenzin",
        promise="Let pupils choose the weeks in which we stop",
        made=-62,
        due=-35,
        session=2,
        ended=-34,
        how="kept",
        outcome="They chose three. I would have chosen six.",
    ),
    Promise(
        who="joao",
        promise="Dar a três vizinhas o telefone da sirene",
        lang="pt-br",
        made=-21,
        due=10,
        session=4,
    ),
    Promise(
        who="grace",
        promise="Test the pictures with ten young people who do not know me",
        evidence="Ten faces, and what each says the third box is.",
        made=-21,
        due=-1,
        session=4,
        ended=-1,
        how="kept",
        outcome="Eight of ten. The two others thought it was a bus.",
    ),
    Promise(
        who="nadia",
        promise="Traduire moins : laisser chacun chercher ses mots",
        lang="fr",
        made=-21,
        due=-6,
        session=4,
        ended=-5,
        how="let go",
        outcome="Pas cette fois. Je le dis au lieu de le cacher.",
    ),
    Promise(
        who="leila",
        promise="Offer the quiet ones the first word, twice in a session",
        made=-21,
        due=0,
        session=4,
    ),
)

MANGROVE_PROMISES = (
    Promise(
        who="kwame",
        promise="Teach the sung ledger to one group that is not mine",
        evidence="They catch one mistake without me.",
        made=-18,
        due=6,
        session=4,
    ),
    Promise(
        who="carmen",
        promise="Escribirle a Ousmane lo que sentí, sin explicarlo",
        lang="es",
        made=-39,
        due=-32,
        session=3,
        ended=-33,
        how="kept",
        outcome="Una página, y una respuesta de dos.",
    ),
    Promise(
        who="ousmane",
        promise="Rester jusqu'à la fin, même quand je me tais",
        lang="fr",
        made=-39,
        due=-18,
        session=3,
        ended=-18,
        how="kept",
        outcome="Resté. Dix minutes sans un mot, et c'était bien.",
    ),
    Promise(
        who="neema",
        promise="Kuwafundisha watoto watatu wimbo wa hesabu",
        lang="sw",
        made=-18,
        due=4,
        session=4,
    ),
    Promise(
        who="putri",
        promise="Photograph ten ramps every Friday",
        made=-18,
        due=-4,
        session=4,
        ended=-4,
        how="changed",
        instead="Photograph five ramps every second Friday, with Sari",
        then_due=10,
    ),
    Promise(
        who="daniel",
        promise="Stop fining late returns for a month",
        made=-39,
        due=-9,
        session=3,
        ended=-9,
        how="let go",
        outcome="The shelf emptied in a week. We talk about it on Tuesday.",
    ),
    Promise(
        who="ravi",
        promise="Time the drill on the far ridge",
        made=-18,
        due=-2,
        session=4,
        ended=-2,
        how="kept",
        outcome="Eleven minutes to the last house.",
    ),
    Promise(
        who="rosa",
        promise="Pedir un reemplazo antes de estar enferma",
        lang="es",
        made=-18,
        due=9,
        session=4,
    ),
)


# --- Thanks ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Thanks:
    who: str
    to: str
    day: int
    text: str
    lang: str = "en"
    session: int = 0


BAOBAB_THANKS = (
    Thanks(
        who="tenzin",
        to="amina",
        day=-2,
        text=(
            "You shared your note about listening to the nurse, with the pause in it. "
            "I tried the pause in class."
        ),
    ),
    Thanks(
        who="amina",
        to="mariam",
        day=-21,
        text="Ulisubiri nimalize sentensi yangu kwa lugha yangu. Asante.",
        lang="sw",
        session=4,
    ),
    Thanks(
        who="marek",
        to="sipho",
        day=-21,
        text="You told us what did not work, with dates. I could use every line.",
        session=4,
    ),
    Thanks(
        who="mariam",
        to="grace",
        day=-63,
        text="Tes dessins laissent de la place au doigt. J'ai repris cette marge.",
        lang="fr",
        session=2,
    ),
    Thanks(
        who="nadia",
        to="farah",
        day=-63,
        text="شكرًا لأنك سألتِ قبل أن تكتبي.",
        lang="ar",
        session=2,
    ),
    Thanks(
        who="joao",
        to="linh",
        day=-84,
        text="Você leu o preço em voz alta, e eu entendi o meu próprio problema.",
        lang="pt-br",
        session=1,
    ),
)
MANGROVE_THANKS = (
    Thanks(
        who="ousmane",
        to="carmen",
        day=-18,
        text="Tu as relu ma phrase jusqu'à ce que je dise : oui, c'est cela.",
        lang="fr",
        session=4,
    ),
    Thanks(
        who="ines",
        to="neema",
        day=-18,
        text="Your song stayed in my kitchen all week.",
        session=4,
    ),
    Thanks(
        who="ravi",
        to="elif",
        day=-39,
        text="You held forty minutes that were meant to be fifteen, and did not hurry.",
        session=3,
    ),
)


# --- What is said between sessions -------------------------------------------------

Said = tuple[str, int, str, str]  # who, on which day, what, in which language


@dataclass(frozen=True, kw_only=True)
class Post:
    who: str
    kind: str
    title: str
    day: int
    hour: int = 10
    text: str = ""
    to: str = ""
    days: int | None = None
    lang: str = "en"
    replies: tuple[Said, ...] = ()
    closed: int | None = None
    outcome: str = ""


BAOBAB_POSTS = (
    Post(
        who="mariam",
        kind="request",
        title="How did your savings groups keep a ledger when few members read?",
        day=-1,
        hour=14,
        text=(
            "Une page suffit, ou deux minutes de voix. Je la montre samedi au groupe "
            "de Guet Ndar."
        ),
        to="amina",
        days=2,
    ),
    Post(
        who="rafael",
        kind="request",
        title="¿Alguien tiene una foto de su tarjeta, doblada y usada?",
        day=-2,
        hour=18,
        text="Las nuevas se ven demasiado limpias, y la gente no se anima a escribir.",
        days=4,
        lang="es",
        replies=(
            ("grace", -1, "I have one that went through a washing machine.", "en"),
        ),
    ),
    Post(
        who="linh",
        kind="request",
        title="Has anybody's price list been signed by the buyers?",
        day=-9,
        hour=8,
        text="One page, with the stamp, even if it lasted a week only.",
        days=3,
    ),
    Post(
        who="farah",
        kind="request",
        title="من منكم يسأل عن الإذن بالصوت لا بالتوقيع؟",
        day=-30,
        hour=11,
        days=3,
        lang="ar",
        replies=(
            (
                "mariam",
                -29,
                "Nous : trois mots en wolof, et un silence de cinq secondes.",
                "fr",
            ),
            ("nadia", -29, "أرسلتُ لك التسجيل، دقيقة واحدة.", "ar"),
        ),
        closed=-27,
        outcome="أخذتُ صمت مريم، وصوت نادية.",
    ),
    Post(
        who="sipho",
        kind="update",
        title="Durban sets the card aside, and here is why",
        day=-45,
        text=(
            "We already share one register. A card made a third place to look. It is "
            "on the shelf with its dates, so that nobody has to find out again."
        ),
        replies=(
            (
                "amina",
                -44,
                "Thank you. I will ask our clinics whether they share one, first.",
                "en",
            ),
        ),
    ),
    Post(
        who="leila",
        kind="update",
        title="We write instead: session 3",
        day=-42,
        hour=18,
        text=(
            "No power in Kisumu and Gulu. Leave your edge as a check-in until tomorrow "
            "night; I read all of them aloud in session 4."
        ),
    ),
    Post(
        who="leila",
        kind="decision",
        title="Which two should bring a case after the charter session?",
        day=-4,
        hour=12,
        text="Marek and Linh have offered. Say yes, or say who else.",
        days=5,
        replies=(
            ("marek", -3, "Yes, and Linh before me if she likes.", "en"),
            ("grace", -2, "Yes to both.", "en"),
            ("joao", -2, "Sim, e pode ser nessa ordem.", "pt-br"),
        ),
    ),
    Post(
        who="amina",
        kind="update",
        title="Six of ten cards came back stamped",
        day=-6,
        hour=19,
        text=(
            "Kadi sita zimerudi na muhuri. Nne hazijarudi: tatu ni za siku ya soko.\n\n"
            "Six are back. Of the four that are not, three left on market day."
        ),
        lang="sw",
        replies=(
            ("joao", -5, "Market day again! Who is at the door then?", "en"),
            ("rafael", -5, "Pregunta quién falta ese día, no quién está.", "es"),
        ),
    ),
)
MANGROVE_POSTS = (
    Post(
        who="elif",
        kind="update",
        title="What we agreed after a hard week",
        day=-38,
        hour=12,
        text=(
            "Carmen and Ousmane talked for forty minutes, and each repeated the other "
            "until it was right. The budget line is split by month. We look back at it "
            "together in three weeks."
        ),
        replies=(
            ("carmen", -37, "Así fue. Gracias por no apurarnos.", "es"),
            ("ousmane", -37, "Oui. Je reste.", "fr"),
        ),
    ),
    Post(
        who="ines",
        kind="request",
        title="Does somebody's rota survive the harvest weeks?",
        day=-3,
        hour=17,
        days=4,
        replies=(("carmen", -2, "El mío, porque se canta. Te lo envío.", "es"),),
    ),
    Post(
        who="kwame",
        kind="request",
        title="May I bring the ledger as a case on Tuesday?",
        day=-12,
        days=3,
        replies=(
            ("elif", -11, "Yes. Ten minutes to tell it, and bring the tune.", "en"),
        ),
        closed=-10,
        outcome="Yes; I bring the tune.",
    ),
)


# --- Insights --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Insight:
    who: str
    session: int
    title: str
    body: str
    lang: str = "en"


BAOBAB_INSIGHTS = (
    Insight(
        who="leila",
        session=2,
        title="Ask who will read it before you ask what to write",
        body=(
            "Three of us had improved a form for months. None had asked the person who "
            "opens it. Begin there."
        ),
    ),
    Insight(
        who="farah",
        session=4,
        title="اسأل قبل أن تكتب",
        body=(
            "حين نسأل «هل أكتب اسمك؟» قبل القلم، تعود المرأة إلى الاتصال. السؤال نفسه "
            "هو الخدمة."
        ),
        lang="ar",
    ),
)
MANGROVE_INSIGHTS = (
    Insight(
        who="neema",
        session=4,
        title="Wimbo ni daftari la kila mtu",
        body=(
            "Hesabu inayoimbwa husahihishwa na yeyote anayesikia. Anza na mistari "
            "mitatu tu: kilichoingia, kilichotoka, kilichobaki."
        ),
        lang="sw",
    ),
)
