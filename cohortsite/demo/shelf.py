"""What both circles wrote down: fourteen pieces, and how one card travelled."""

from __future__ import annotations

from dataclasses import dataclass

from cohortsite.demo.world import World
from library import curation
from library.models import Audience, Copy, Kind

PROGRAM, NETWORK, PUBLIC = Audience.PROGRAM, Audience.NETWORK, Audience.PUBLIC


@dataclass(frozen=True, kw_only=True)
class Piece:
    """`year` counts back from this one; `adapts` is the key of another piece."""

    key: str
    who: str
    title: str
    summary: str
    body: str
    day: int
    place: str
    year: int = 0
    kind: str = Kind.PLAYBOOK
    lang: str = "en"
    tags: tuple[str, ...] = ()
    sector: str = ""
    region: str = ""
    adapts: str = ""
    stayed: str = ""
    changed: str = ""
    audience: str = PUBLIC
    attribution: str = ""


def stock(world: World) -> None:
    """Keep each piece on its day and let it out as far as its author wanted."""
    copies: dict[str, Copy] = {}
    for piece in PIECES:
        author = world.seats[piece.who]
        with world.on(piece.day, 18) as then:
            kept = curation.keep(
                by=author,
                title=piece.title,
                summary=piece.summary,
                body=piece.body,
                kind=piece.kind,
                language=piece.lang,
                tags=piece.tags,
                sector=piece.sector,
                region=piece.region,
                place=f"{piece.place}, {world.today.year - piece.year}",
                stayed=piece.stayed,
                changed=piece.changed,
                source=copies.get(piece.adapts),
                now=then,
            )
        with world.on(piece.day + 1, 18) as then:
            copies[piece.key] = curation.publish(
                kept,
                audience=piece.audience,
                by=author.person,
                attribution=piece.attribution or author.person.full_name,
                now=then,
            )


PIECES = (
    Piece(
        key="card",
        who="amina",
        day=-75,
        title="The one-page referral card",
        summary=(
            "A folded card the patient carries. Three boxes, one stamp, no names. It "
            "replaces the phone call that nobody answers."
        ),
        body="""\
## The problem

Someone is sent from one clinic to the next. The letter stays in a bag, the phone rings
out, and at the second door the story begins again.

## When it fits

Two places that send people to each other, paper, and a stamp. It does not need
electricity, a list of names or a computer.

## Steps

1. **Draw it with the people who receive it** (core). We drew ours with six nurses; the
   third box is theirs.
2. **Three boxes, no names** (core): why the person comes, what was done, what is asked.
3. **One stamp at the second door** (core). The card goes home with the patient.
4. Fold it to the size of a phone (adaptable).
5. Count the cards that come back with a stamp, once a week, in front of everyone.

## What it costs

A ream of paper for four months. One talk of twenty minutes at each door.

## Risks

- A card that looks official makes people afraid to write on it. Ours are crooked.
- On market days the person with the stamp is away. Ask who is there then.
""",
        place="Kisumu",
        year=2,
        tags=("referral", "rufaa", "handover", "paper first"),
        sector="health",
        region="Africa",
        attribution="Amina Otieno and six nurses, Kisumu community clinics",
    ),
    Piece(
        key="pictures",
        who="grace",
        day=-66,
        title="The referral card in pictures",
        summary=(
            "The same three boxes, drawn for people who do not read. Young people show "
            "it to a friend and explain it themselves."
        ),
        body="""\
## What I kept

Three boxes, one stamp, no names. The card still belongs to the one who carries it.

## What I changed

Each box is a drawing with room for a finger: *where it hurts*, *what was done*, *where
to go now*. I tested the drawings with ten young people who did not know me. Eight read
them as I meant them; two thought the third box was a bus.

## If you try it

- Draw badly on purpose. A pretty card stays clean.
- Let one person explain it to the next before you explain anything.
""",
        place="Gulu",
        year=1,
        tags=("referral", "handover", "pictures", "few readers"),
        sector="health",
        region="Africa",
        adapts="card",
        stayed="Three boxes, one stamp",
        changed="Words became pictures: most of those who carry it do not read.",
        attribution="Grace Akello, Gulu youth health, after Amina Otieno",
    ),
    Piece(
        key="voice",
        who="mariam",
        day=-40,
        title="La carte de référence qui parle",
        summary=(
            "La carte en images, et quarante secondes en wolof qu'on écoute avec le "
            "téléphone d'une voisine."
        ),
        body="""\
## Ce que nous avons gardé

Les images de Gulu. Personne n'a besoin de lire pour porter la carte.

## Ce que nous avons changé

Le consentement se dit à voix haute : trois mots en wolof, puis cinq secondes de
silence. Un code sur la carte fait entendre quarante secondes. La quarante et unième,
on prêche.

## Ce qu'il faut

- Un téléphone pour trois familles suffit.
- Décider d'avance **qui efface la voix, et quand**. Chez nous : la sage-femme, après un
  mois.

## Ce que nous ne savons pas

Si la voix est écoutée chez la belle-mère, ou seulement devant nous.
""",
        place="Saint-Louis",
        lang="fr",
        tags=("référencement", "referral", "voix", "few readers"),
        sector="health",
        region="Africa",
        adapts="pictures",
        stayed="Les images",
        changed="Le son pour le consentement : une signature n'engage personne ici.",
        attribution="Mariam Sow, Réseau santé de Saint-Louis, d'après Grace Akello",
    ),
    Piece(
        key="water",
        who="rafael",
        day=-28,
        title="La tarjeta de la reparación",
        summary=(
            "La misma tarjeta, para el agua y no para la salud: la familia la guarda "
            "hasta que el agua corre."
        ),
        body="""\
## Qué quedó igual

La tarjeta la lleva la persona, no la oficina. Tres cuadros.

## Qué cambió

No tenemos sellos. Al terminar, la familia toma una foto del agua que corre y la guarda
con la tarjeta. Nadie firma por otra persona.

## Pasos

1. La familia dibuja la avería.
2. Quien repara escribe un solo renglón.
3. Foto, con la mano de quien repara en el chorro.
4. El sábado se cuentan las fotos en la plaza.
""",
        place="Cusco",
        lang="es",
        tags=("agua", "reparación", "handover", "weak signal"),
        sector="water",
        region="Americas",
        adapts="card",
        stayed="La tarjeta la lleva la persona",
        changed="Del sello a la foto: en los cerros no hay sellos, sí un teléfono.",
        attribution="Rafael Quispe, Comités de agua de Cusco, según Amina Otieno",
    ),
    Piece(
        key="set-aside",
        who="sipho",
        day=-46,
        title="Why Durban set the referral card aside",
        summary=(
            "Three months, nine clinics, and then we stopped. We already share one "
            "register: the card made a third place to look."
        ),
        body="""\
## What we hoped

That a card in the hand would be quicker than a register in a drawer.

## What happened

- Month 1: every clinic used it. Nurses liked the stamp.
- Month 2: they wrote in the register, in their own book, **and** on the card.
- Month 3: the card was filled in afterwards, from the register, in one go.

We stopped on a Friday, said so to all nine, and thanked those who had tried.

## When you should not begin

If you already share one register that people trust, mend that first. If you do not, the
card may well be for you: it was never the card's fault.
""",
        place="Durban",
        year=1,
        tags=("referral", "register", "set aside"),
        sector="health",
        region="Africa",
        adapts="card",
        stayed="Three boxes, for three months",
        changed="Set aside: we already share one register, and the card made a third.",
        attribution="Sipho Dlamini, with nine clinics in Durban",
    ),
    Piece(
        key="ledger",
        who="kwame",
        day=-58,
        title="A ledger you can sing",
        summary=(
            "Counting rhymes that let a group check the box without reading the book."
        ),
        body="""\
## The problem

One person reads, the others nod. A mistake stays until the box is empty.

## Steps

1. **Three lines only** (core): what came in, what went out, what is left.
2. **Sing before you write** (core). Whoever hears a wrong number sings the right one.
3. Then the book is written, and read back as a song.
4. Take a tune that everybody has already (adaptable).

## What we saw

In the first meeting my aunt corrected me twice. In the sixth nobody had to.

## Risks

A treasurer who is corrected aloud may feel accused. Let the treasurer choose the tune.
""",
        place="Kumasi",
        year=1,
        tags=("savings", "few readers", "ledger"),
        sector="savings",
        region="Africa",
        attribution="Kwame Boateng, Kumasi savings circles",
    ),
    Piece(
        key="daftari",
        who="neema",
        day=-37,
        title="Daftari la kuimba",
        summary="Hesabu ya akiba inayoimbwa, ili kila mtu asikie kosa likitokea.",
        body="""\
## Kilichobaki

Mistari mitatu: kilichoingia, kilichotoka, kilichobaki. Tunaimba kabla ya kuandika.

## Kilichobadilika

Kwetu watoto ndio wanaofundisha wimbo. Kiongozi anasahihishwa na mtoto, na wote
wanacheka; hakuna anayeona aibu.

## Ukijaribu

- Anza na wimbo ambao kila mtu anaujua.
- Usiongeze mstari wa nne kabla ya mwezi wa tatu.
""",
        place="Arusha",
        lang="sw",
        tags=("akiba", "savings", "few readers"),
        sector="savings",
        region="Africa",
        adapts="ledger",
        stayed="Mistari mitatu, na wimbo kabla ya kalamu",
        changed="Watoto wanafundisha wimbo: kiongozi hasikii aibu.",
        attribution="Neema Mushi, Vikundi vya akiba Arusha, kutoka kwa Kwame Boateng",
    ),
    Piece(
        key="registre",
        who="samuel",
        day=-19,
        title="Le registre qui se chante à la radio",
        summary=(
            "Chaque samedi, trois groupes d'épargne chantent leur compte à l'antenne, "
            "et les voisins corrigent."
        ),
        body="""\
## Ce qui est resté

Trois lignes, chantées avant d'être écrites.

## Ce qui a changé

Le chant passe à la radio du quartier. Personne ne donne de nom ni de somme entière : on
chante la **différence** avec la semaine d'avant.

## À savoir

Demander l'accord du groupe chaque samedi. Deux fois sur six, un groupe a dit non, et
nous avons passé de la musique.
""",
        place="Port-au-Prince",
        lang="fr",
        tags=("épargne", "savings", "voix", "few readers"),
        sector="savings",
        region="Americas",
        adapts="ledger",
        stayed="Trois lignes, chantées d'abord",
        changed="La radio : les groupes sont loin les uns des autres.",
        audience=NETWORK,
        attribution="Samuel Joseph, Radyo Kominotè, d'après Kwame Boateng",
    ),
    Piece(
        key="nearly-stopped",
        who="carmen",
        day=-30,
        title="The week we nearly stopped",
        summary=(
            "Two partners, one budget line, and a fifteen-minute repair that took "
            "forty. Shared with the consent of both."
        ),
        body="""\
In the sixth week two of us had been promised the same line of a budget. I had promised
it. One of us left the call before its end.

What helped was slow. Our facilitator asked one of us to speak and the other to repeat
it, until the first could say: *yes, that is it*. Then the other way round. What it did
to each of us came before what anyone had meant. It was to take fifteen minutes. It took
forty, and nobody looked at the clock.

We did not agree about the past. We agreed about the line: it is split by month, both
names stand under it, and we look back at it together in three weeks.

What I would do again: say early that it is hard. What I would not do again: write a
long message at night.

*Both of us have read this and want it to be read.*
""",
        kind=Kind.INSIGHT,
        place="Valparaíso and Ziguinchor",
        tags=("story", "conflict", "repair"),
        region="Americas",
        audience=PROGRAM,
        attribution="Carmen Ríos and Ousmane Diallo",
    ),
    Piece(
        key="ask-first",
        who="farah",
        day=-25,
        title="نموذج: اسأل قبل القلم",
        summary="ثلاثة أسئلة تُقال بصوت هادئ قبل أن يُكتب أي شيء عن أحد.",
        body="""\
## متى يُستعمل

قبل كل مكالمة أو لقاء يُدوَّن فيه شيء: إحالة، شكوى، قصة.

## الأسئلة

1. هل أكتب اسمك، أم اسمًا آخر، أم لا شيء؟
2. من تريدين أن يقرأ هذا، ومن لا؟
3. متى أمزّق الورقة؟

## ملاحظة

اصمت خمس ثوانٍ بعد كل سؤال. من لا تجيب فقد أجابت: لا تكتب.
""",
        kind=Kind.TEMPLATE,
        place="هرجيسا",
        lang="ar",
        tags=("إحالة", "consent", "referral"),
        sector="legal aid",
        region="Africa",
        attribution="فرح يوسف، خط المساعدة القانونية",
    ),
    Piece(
        key="handover",
        who="marek",
        day=-14,
        title="Handover in two minutes",
        summary="A form of four lines to speak into a phone between two shifts.",
        body="""\
Speak, do not type. Stop after two minutes, wherever you are.

1. **Who** needs something tonight, by first letter only.
2. **What changed** since the last handover.
3. **What I am not sure of.** Say it even if it is nothing.
4. **What I would do first**, if I were you.

The one who takes over repeats line 3 aloud. If they cannot, it was too long.
""",
        kind=Kind.TEMPLATE,
        place="Łódź",
        tags=("handover", "voice", "small team"),
        sector="care",
        region="Europe",
        audience=NETWORK,
        attribution="Marek Nowak, Home-care co-op, Łódź",
    ),
)
