"""The words of those who applied: who they are and what they want to test."""

from __future__ import annotations

from dataclasses import dataclass

from cohortsite.demo.people import THURSDAY_13, TUESDAY_14

WOMAN, MAN, NON_BINARY = "woman", "man", "non-binary"
LEADS, COORDINATES, FRONT = "leads", "coordinates", "works directly with people"
ALONE, SMALL, MIDDLE, LARGE = "just me", "2 to 10", "11 to 50", "more than 50"
GROUP, NON_PROFIT, PUBLIC = "community group", "non-profit", "public service"
ENTERPRISE = "social enterprise"
AFRICA, AMERICAS, ASIA = "Africa", "Americas", "Asia"
EUROPE, MIDDLE_EAST = "Europe", "Middle East"


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """One application; `lang` is the language its answers are written in."""

    called: str
    organisation: str
    zone: str
    region: str
    work: str
    hunch: str
    lang: str = "en"
    thinks_in: str = "English"
    gender: str = WOMAN
    role: str = FRONT
    size: str = SMALL
    sector: str = GROUP
    meets: int = THURSDAY_13
    offers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    lived: str = "yes"
    # Said of thinking in this language: fine to be the only one.
    alone_is_fine: bool = True
    access: str = ""


# The call that Baobab and Mangrove came from: by the key of the person, and after
# them those for whom there was no seat.
FIRST: dict[str, Applicant] = {
    "amina": Applicant(
        called="Amina Otieno",
        organisation="Kisumu community clinics",
        zone="Africa/Nairobi",
        region=AFRICA,
        thinks_in="Swahili",
        work="Referral cards between our clinic and the one across the river.",
        hunch=(
            "If the nurses there draw the card with us, then they fill it in, because "
            "they own it. We would see it in stamped cards that come back."
        ),
        offers=("health referrals", "simple forms"),
        needs=("pictures", "measurement"),
    ),
    "rafael": Applicant(
        called="Rafael Quispe",
        organisation="Comités de agua de Cusco",
        zone="America/Lima",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        gender=MAN,
        role=COORDINATES,
        work="Reparaciones de agua que nadie confirma cuando están hechas.",
        hunch=(
            "Si cada familia guarda su propia tarjeta, entonces la reparación se "
            "termina, porque alguien la espera. Lo veríamos en fotos antes y después."
        ),
        offers=("repair rounds", "measurement"),
        needs=("simple forms",),
    ),
    "mariam": Applicant(
        called="Mariam Sow",
        organisation="Réseau santé de Saint-Louis",
        zone="Africa/Dakar",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        sector=NON_PROFIT,
        work="Des consignes de soin que les familles ne peuvent pas relire.",
        hunch=(
            "Si la consigne s'écoute en wolof au lieu de se lire, alors elle est "
            "suivie, parce qu'on la réentend à la maison. Nous compterions les retours."
        ),
        offers=("voice messages", "consent by sound"),
        needs=("pictures",),
    ),
    "tenzin": Applicant(
        called="Tenzin Dolma",
        organisation="Night school, Leh",
        zone="Asia/Kolkata",
        region=ASIA,
        thinks_in="Tibetan",
        gender=NON_BINARY,
        size=ALONE,
        work="A night school where pupils stop coming in the planting weeks.",
        hunch=(
            "If pupils choose the weeks in which we stop, then they return, because "
            "nobody has failed. We would see it on the first evening after."
        ),
        offers=("listening",),
        needs=("money talk", "measurement"),
    ),
    "joao": Applicant(
        called="João Mendes",
        organisation="Alerta Recife",
        zone="America/Recife",
        region=AMERICAS,
        lang="pt-br",
        thinks_in="Portuguese",
        gender=MAN,
        role=LEADS,
        sector=ENTERPRISE,
        work="Alertas de enchente que chegam a quem já saiu de casa.",
        hunch=(
            "Se os avisos saírem das vizinhas e não da central, então as pessoas sobem "
            "antes, porque conhecem a voz. Veríamos na hora em que as ruas esvaziam."
        ),
        offers=("data skills", "measurement"),
        needs=("consent by sound",),
    ),
    "grace": Applicant(
        called="Grace Akello",
        organisation="Gulu youth health",
        zone="Africa/Kampala",
        region=AFRICA,
        thinks_in="Acholi",
        sector=NON_PROFIT,
        work="Young people who leave the clinic without knowing what comes next.",
        hunch=(
            "If the next step is a picture and not a sentence, then they take it, "
            "because they can show it to a friend. We would count second visits."
        ),
        offers=("pictures",),
        needs=("measurement",),
    ),
    "sipho": Applicant(
        called="Sipho Dlamini",
        organisation="Durban shared register",
        zone="Africa/Johannesburg",
        region=AFRICA,
        thinks_in="Zulu",
        gender=MAN,
        role=COORDINATES,
        size=MIDDLE,
        sector=PUBLIC,
        work="One register for nine clinics that each keep a second one at home.",
        hunch=(
            "If a clinic may hide one column, then it lets go of its own book, because "
            "it fears that column. We would see the second books disappear."
        ),
        offers=("registers", "money talk"),
        needs=("listening",),
    ),
    "linh": Applicant(
        called="Linh Trần",
        organisation="Waste pickers' union, Đà Nẵng",
        zone="Asia/Ho_Chi_Minh",
        region=ASIA,
        thinks_in="Vietnamese",
        role=LEADS,
        size=LARGE,
        work="Prices at the scrap yard that change between the gate and the scale.",
        hunch=(
            "If we read prices aloud at the gate each morning, then the scale follows, "
            "because everyone heard. We would see it in the evening count."
        ),
        offers=("organising", "ledgers"),
        needs=("measurement",),
    ),
    "farah": Applicant(
        called="Farah Yusuf",
        organisation="خط المساعدة القانونية، هرجيسا",
        zone="Africa/Mogadishu",
        region=AFRICA,
        lang="ar",
        thinks_in="Arabic",
        alone_is_fine=False,
        work="خط هاتفي للمساعدة القانونية لا تتصل به النساء مرتين.",
        hunch=(
            "إذا سألنا قبل أن ندوّن أي شيء، فسيعدن إلى الاتصال، لأنهن يعرفن أين تذهب "
            "أسماؤهن. سنرى ذلك في عدد المكالمات الثانية."
        ),
        offers=("consent by sound", "legal aid"),
        needs=("registers",),
    ),
    "marek": Applicant(
        called="Marek Nowak",
        organisation="Home-care co-op, Łódź",
        zone="Europe/Warsaw",
        region=EUROPE,
        thinks_in="Polish",
        gender=MAN,
        role=LEADS,
        sector=ENTERPRISE,
        size=MIDDLE,
        work="Evening handovers between carers who never meet.",
        hunch=(
            "If the handover is two minutes of voice, then less is lost, because tone "
            "travels. We would see fewer calls at night."
        ),
        offers=("repair skills", "voice messages"),
        needs=("listening",),
    ),
    "nadia": Applicant(
        called="Nadia Karimi",
        organisation="Atelier des familles, Amman",
        zone="Asia/Amman",
        region=MIDDLE_EAST,
        lang="ar",
        thinks_in="Arabic",
        alone_is_fine=False,
        sector=NON_PROFIT,
        work="عقود عمل لا تستطيع العاملات المنزليات قراءتها.",
        hunch=(
            "إذا رُسم الأجر بالصور، فستسأل العاملة عن الناقص منه، لأنها تراه. سنرى ذلك "
            "في عدد الاستمارات المكتملة."
        ),
        offers=("pictures", "legal aid"),
        needs=("voice messages",),
    ),
    "carmen": Applicant(
        called="Carmen Ríos",
        organisation="Ollas comunes de Valparaíso",
        zone="America/Santiago",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        meets=TUESDAY_14,
        role=LEADS,
        work="Ollas comunes que pierden a sus cocineras cada invierno.",
        hunch=(
            "Si el turno se canta al final de la semana, entonces se reparte mejor, "
            "porque se oye quién falta. Lo veríamos en los turnos dobles."
        ),
        offers=("rotas", "money talk"),
        needs=("ledgers",),
    ),
    "kwame": Applicant(
        called="Kwame Boateng",
        organisation="Kumasi savings circles",
        zone="Africa/Accra",
        region=AFRICA,
        thinks_in="Twi",
        gender=MAN,
        meets=TUESDAY_14,
        work="Savings groups in which few members can read the ledger.",
        hunch=(
            "If the ledger can be sung, then members catch mistakes, because they know "
            "the tune. We would see it in corrections made in the meeting."
        ),
        offers=("ledgers", "singing"),
        needs=("measurement",),
    ),
    "ines": Applicant(
        called="Inés Paredes",
        organisation="Milpa Oaxaca",
        zone="America/Mexico_City",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        meets=TUESDAY_14,
        sector=ENTERPRISE,
        role=COORDINATES,
        work="Un banco de semillas al que se devuelve menos de lo que se presta.",
        hunch=(
            "Si quien presta cuenta una historia de la semilla, entonces vuelve, "
            "porque tiene nombre. Lo veríamos en los frascos llenos en marzo."
        ),
        offers=("stories",),
        needs=("rotas",),
    ),
    "ousmane": Applicant(
        called="Ousmane Diallo",
        organisation="Pêcheurs de Ziguinchor",
        zone="Africa/Dakar",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        gender=MAN,
        meets=TUESDAY_14,
        role=LEADS,
        size=LARGE,
        work="Un repos des filets que seuls quelques villages respectent.",
        hunch=(
            "Si chaque village compte les petits poissons de l'autre, alors le repos "
            "tient, parce que le compte se croise. Nous le verrions à la criée."
        ),
        offers=("organising", "measurement"),
        needs=("stories",),
    ),
    "yasmine": Applicant(
        called="Yasmine Benali",
        organisation="Bibliobus d'Oran",
        zone="Africa/Algiers",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        meets=TUESDAY_14,
        sector=PUBLIC,
        work="Un bibliobus dont les livres arabes ne reviennent pas.",
        hunch=(
            "Si les enfants tiennent le registre, alors les livres reviennent, parce "
            "qu'ils se les rappellent. Nous le verrions aux étagères pleines."
        ),
        offers=("registers", "stories"),
        needs=("singing",),
    ),
    "daniel": Applicant(
        called="Daniel Tesfaye",
        organisation="Hawassa repair library",
        zone="Africa/Addis_Ababa",
        region=AFRICA,
        thinks_in="Amharic",
        gender=MAN,
        meets=TUESDAY_14,
        sector=ENTERPRISE,
        size=ALONE,
        work="Tools that come back broken, and nobody wants to say so.",
        hunch=(
            "If we check tools together at return, then breakages are named early, "
            "because it is nobody's fault yet. We would see a fuller shelf."
        ),
        offers=("repair skills",),
        needs=("money talk",),
    ),
    "putri": Applicant(
        called="Putri Lestari",
        organisation="Makassar disability network",
        zone="Asia/Makassar",
        region=ASIA,
        thinks_in="Indonesian",
        meets=TUESDAY_14,
        sector=NON_PROFIT,
        role=LEADS,
        work="Ramps that are built and then blocked by parked motorbikes.",
        hunch=(
            "If shopkeepers choose the place of the ramp, then they keep it free, "
            "because customers use it. We would photograph ten ramps each Friday."
        ),
        offers=("photo counts", "measurement"),
        needs=("organising",),
    ),
    "rosa": Applicant(
        called="Rosa Cárdenas",
        organisation="Escuela de cuidadoras, Cali",
        zone="America/Bogota",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        meets=TUESDAY_14,
        work="Cuidadoras que se enferman y no lo dicen hasta el final.",
        hunch=(
            "Si el descanso se pide en pareja, entonces se pide antes, porque no se "
            "pide sola. Lo veríamos en los días de reemplazo."
        ),
        offers=("listening", "rotas"),
        needs=("photo counts",),
    ),
    "neema": Applicant(
        called="Neema Mushi",
        organisation="Vikundi vya akiba Arusha",
        zone="Africa/Dar_es_Salaam",
        region=AFRICA,
        lang="sw",
        thinks_in="Swahili",
        meets=TUESDAY_14,
        work="Vikundi vya akiba ambavyo wanachama wachache husoma daftari.",
        hunch=(
            "Tukiimba hesabu kabla ya kuandika, basi makosa yatapungua, kwa sababu "
            "kila mtu atasikia. Tutaona masahihisho machache baada ya mkutano."
        ),
        offers=("singing",),
        needs=("ledgers",),
    ),
    "samuel": Applicant(
        called="Samuel Joseph",
        organisation="Radyo Kominotè",
        zone="America/Port-au-Prince",
        region=AMERICAS,
        lang="fr",
        thinks_in="French",
        gender=MAN,
        meets=TUESDAY_14,
        size=MIDDLE,
        role=COORDINATES,
        work="Une radio de quartier que l'on écoute sans jamais l'appeler.",
        hunch=(
            "Si nous posons une seule question par jour, alors les gens appellent, "
            "parce qu'ils ont une réponse. Nous compterions les appels avant midi."
        ),
        offers=("voice messages", "stories"),
        needs=("repair skills",),
    ),
    "ravi": Applicant(
        called="Ravi Shrestha",
        organisation="Pokhara landslide watch",
        zone="Asia/Kathmandu",
        region=ASIA,
        thinks_in="Nepali",
        gender=MAN,
        meets=TUESDAY_14,
        sector=PUBLIC,
        size=MIDDLE,
        work="Warnings that reach phones and not the people who own none.",
        hunch=(
            "If each ridge has a drum and a person, then the last house hears, because "
            "it is somebody's task. We would time the drill each month."
        ),
        offers=("drills", "measurement"),
        needs=("voice messages",),
    ),
}

NO_SEAT = (
    Applicant(
        called="Petr Svoboda",
        organisation="Brno bike kitchen",
        zone="Europe/Prague",
        region=EUROPE,
        gender=MAN,
        thinks_in="Czech",
        work="A workshop that is full on Saturdays and empty on Tuesdays.",
        hunch="If we lend out the key, then people come when it suits them.",
    ),
    Applicant(
        called="Lupe Mamani",
        organisation="Tejedoras de El Alto",
        zone="America/La_Paz",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        work="Un catálogo de tejidos que nadie actualiza.",
        hunch="Si cada una fotografía lo suyo, entonces el catálogo vive.",
        meets=TUESDAY_14,
    ),
    Applicant(
        called="Amara Kamara",
        organisation="Bo market women",
        zone="Africa/Freetown",
        region=AFRICA,
        work="Loans that are repaid to the person and not to the box.",
        hunch="If the box travels, then money goes in where people are.",
        thinks_in="Krio",
    ),
    Applicant(
        called="Hiroshi Tanaka",
        organisation="Kesennuma seniors' cafe",
        zone="Asia/Tokyo",
        region=ASIA,
        gender=MAN,
        thinks_in="Japanese",
        work="A cafe where newcomers sit alone.",
        hunch="If there is one long table, then nobody chooses a seat.",
        meets=TUESDAY_14,
    ),
)

# The call that is being composed. Offered a seat: those who meet on Thursdays, then
# those who meet on Tuesdays, then one who could do both.
OFFERED = (
    Applicant(
        called="Wanjiru Kamau",
        organisation="Nyeri school gardens",
        zone="Africa/Nairobi",
        region=AFRICA,
        lang="sw",
        thinks_in="Swahili",
        work="Bustani za shule zinazokauka wakati wa likizo.",
        hunch=(
            "Wazazi wakichagua wiki zao za kumwagilia, basi bustani itaishi, kwa "
            "sababu wiki ina mwenyewe. Tutaona miche mingapi imebaki."
        ),
        offers=("simple forms", "rotas"),
        needs=("measurement",),
        ties=("Juma Baraka", "Kerubo Nyaboke"),
    ),
    Applicant(
        called="Juma Baraka",
        organisation="Bandari ya wavuvi, Mombasa",
        zone="Africa/Nairobi",
        region=AFRICA,
        lang="sw",
        thinks_in="Swahili",
        gender=MAN,
        role=COORDINATES,
        size=MIDDLE,
        work="Barafu inayofika baada ya samaki.",
        hunch=(
            "Tukipiga simu moja jioni badala ya tatu asubuhi, basi barafu itatangulia, "
            "kwa sababu mtu mmoja anajibu. Tutaona samaki waliotupwa."
        ),
        offers=("organising",),
        needs=("money talk",),
        ties=("Yusuf Warsame",),
    ),
    Applicant(
        called="Aïssatou Ba",
        organisation="Maison des parents, Thiès",
        zone="Africa/Dakar",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        sector=NON_PROFIT,
        work="Des pères qui ne viennent jamais à la pesée du bébé.",
        hunch=(
            "Si l'invitation vient d'un autre père, alors ils viennent, parce qu'on ne "
            "les convoque plus. Nous compterions les pères au deuxième mois."
        ),
        offers=("stories",),
        needs=("measurement",),
        ties=("Koffi Adjo",),
    ),
    Applicant(
        called="Koffi Adjo",
        organisation="Atelier vélo de Lomé",
        zone="Africa/Lome",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        gender=MAN,
        role=LEADS,
        sector=ENTERPRISE,
        work="Des apprentis qui partent juste avant de savoir réparer seuls.",
        hunch=(
            "Si chacun garde le premier vélo qu'il répare, alors il reste, parce qu'il "
            "en a la preuve. Nous le verrions au sixième mois."
        ),
        offers=("repair skills", "money talk"),
        needs=("stories",),
        ties=("Kofi Mensah",),
    ),
    Applicant(
        called="Salma Idris",
        organisation="مطبخ الحي، الخرطوم",
        zone="Africa/Khartoum",
        region=AFRICA,
        lang="ar",
        thinks_in="Arabic",
        alone_is_fine=False,
        work="مطبخ مشترك لا يعرف كم شخصًا سيأكل غدًا.",
        hunch=(
            "إذا علّقت كل أسرة حصاة على الخيط مساءً، فسنطبخ ما يكفي، لأن العدد يُرى. "
            "سنرى ذلك في ما يبقى في القدور."
        ),
        offers=("organising", "stories"),
        needs=("simple forms",),
    ),
    Applicant(
        called="Huda Nasser",
        organisation="مخبز النساء، عدن",
        zone="Asia/Aden",
        region=MIDDLE_EAST,
        lang="ar",
        thinks_in="Arabic",
        alone_is_fine=False,
        sector=ENTERPRISE,
        role=LEADS,
        size=MIDDLE,
        work="مخبز تعاوني تُقسَم أرباحه قبل أن تُحسب.",
        hunch=(
            "إذا قرأنا الحساب بصوت عالٍ كل خميس، فستنتظر الشريكات، لأن الرقم معروف "
            "للجميع. سنرى ذلك في ما يبقى للطحين."
        ),
        offers=("ledgers", "money talk"),
        needs=("measurement",),
        access="Evenings only, and no video please.",
        ties=("Salma Idris",),
    ),
    Applicant(
        called="Priya Nair",
        organisation="Kochi elder walks",
        zone="Asia/Kolkata",
        region=ASIA,
        thinks_in="Malayalam",
        sector=PUBLIC,
        size=LARGE,
        work="Morning walks for elders that end when one of them falls.",
        hunch=(
            "If each walk has a chair that travels along, then people come back after "
            "a fall, because stopping is allowed. We would count returns."
        ),
        offers=("measurement", "photo counts"),
        needs=("organising",),
        ties=("Arif Rahman",),
    ),
    Applicant(
        called="Tatiana Souza",
        organisation="Quintais de Belém",
        zone="America/Belem",
        region=AMERICAS,
        lang="pt-br",
        thinks_in="Portuguese",
        size=ALONE,
        work="Quintais que produzem muito e vendem pouco.",
        hunch=(
            "Se três quintais venderem juntos numa só banca, então sobra menos, porque "
            "a banca nunca fica vazia. Veríamos nas caixas que voltam."
        ),
        offers=("stories",),
        needs=("money talk",),
        ties=("Lia Andrade",),
    ),
    Applicant(
        called="Petra Vidal",
        organisation="Barcelona housing fund",
        zone="Europe/Madrid",
        region=EUROPE,
        thinks_in="Spanish",
        role=LEADS,
        size=LARGE,
        sector=PUBLIC,
        work="Tenants who stop writing to us after the second letter.",
        hunch=(
            "If the third answer is a visit, then people stay in touch, because "
            "someone has a face. We would see it in letters that get an answer."
        ),
        offers=("money talk", "simple forms"),
        needs=("stories",),
    ),
    Applicant(
        called="Mateo Flores",
        organisation="Mercado solidario, Quito",
        zone="America/Guayaquil",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        gender=MAN,
        role=COORDINATES,
        size=MIDDLE,
        work="Canastas que sobran los lunes y faltan los viernes.",
        hunch=(
            "Si el precio cambia con el día y todos lo saben, entonces se reparte "
            "mejor, porque cada quien elige. Lo veríamos en lo que se tira."
        ),
        offers=("measurement",),
        needs=("organising",),
    ),
    Applicant(
        called="Kofi Mensah",
        organisation="Tamale school meals",
        zone="Africa/Accra",
        region=AFRICA,
        gender=MAN,
        sector=NON_PROFIT,
        work="School meals that arrive after the children have gone home.",
        hunch=(
            "If cooks see the school's calendar, then lunch comes on time, because "
            "they stop guessing. We would note the minute of the first plate."
        ),
        offers=("simple forms",),
        needs=("measurement",),
    ),
    Applicant(
        called="Nomvula Khumalo",
        organisation="Bloemfontein care line",
        zone="Africa/Johannesburg",
        region=AFRICA,
        sector=PUBLIC,
        size=MIDDLE,
        work="A care line that is called most when nobody is on duty.",
        hunch=(
            "If callers may leave a word and an hour, then they are reached, because "
            "they chose the hour. We would count calls that ended in a talk."
        ),
        offers=("listening", "organising"),
        needs=("stories",),
    ),
    Applicant(
        called="Lucía Barrios",
        organisation="Cooperativa de vivienda, Montevideo",
        zone="America/Montevideo",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        meets=TUESDAY_14,
        role=LEADS,
        size=LARGE,
        work="Asambleas en las que deciden los que más aguantan.",
        hunch=(
            "Si la asamblea termina a la hora, entonces hablan más personas, porque no "
            "gana el cansancio. Lo veríamos en la lista de la palabra."
        ),
        offers=("organising", "rotas"),
        needs=("measurement",),
        ties=("Mateo Flores",),
    ),
    Applicant(
        called="Esteban Rojas",
        organisation="Red de recicladores, San José",
        zone="America/Costa_Rica",
        region=AMERICAS,
        lang="es",
        thinks_in="Spanish",
        gender=MAN,
        meets=TUESDAY_14,
        role=LEADS,
        work="Rutas de reciclaje que se cruzan y se pelean.",
        hunch=(
            "Si las rutas se dibujan juntas cada mes, entonces hay menos peleas, "
            "porque el mapa es de todos. Lo veríamos en las quejas del lunes."
        ),
        offers=("ledgers", "photo counts"),
        needs=("stories",),
        ties=("Lucía Barrios",),
    ),
    Applicant(
        called="Marie-Ange Pierre",
        organisation="Fanm Okap",
        zone="America/Port-au-Prince",
        region=AMERICAS,
        lang="fr",
        thinks_in="French",
        meets=TUESDAY_14,
        role=LEADS,
        sector=NON_PROFIT,
        work="Un fonds d'urgence que l'on demande trop tard.",
        hunch=(
            "Si la demande se fait à deux, alors elle vient plus tôt, parce que la "
            "honte se partage. Nous regarderions la date de la première demande."
        ),
        offers=("money talk", "stories"),
        needs=("simple forms",),
        ties=("Didier Kaboré",),
    ),
    Applicant(
        called="Didier Kaboré",
        organisation="Puits du Plateau, Ouagadougou",
        zone="Africa/Ouagadougou",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        gender=MAN,
        meets=TUESDAY_14,
        role=LEADS,
        size=MIDDLE,
        work="Des pompes réparées trois fois par les mêmes deux personnes.",
        hunch=(
            "Si chaque réparation se fait avec une apprentie, alors elle tient, parce "
            "que quelqu'un sait. Nous compterions les pannes du même mois."
        ),
        offers=("repair skills", "measurement"),
        needs=("money talk",),
        ties=("Aïssatou Ba",),
    ),
    Applicant(
        called="Hana Girma",
        organisation="Addis night nurses",
        zone="Africa/Addis_Ababa",
        region=AFRICA,
        meets=TUESDAY_14,
        sector=PUBLIC,
        size=LARGE,
        work="Night nurses who learn of new rules from the patients.",
        hunch=(
            "If one rule a week is told at the change of shift, then it is kept, "
            "because it was heard by both shifts. We would ask on Fridays."
        ),
        offers=("listening", "simple forms"),
        needs=("organising",),
    ),
    Applicant(
        called="Tomé Nhampossa",
        organisation="Rádio da Beira",
        zone="Africa/Maputo",
        region=AFRICA,
        lang="pt-br",
        thinks_in="Portuguese",
        gender=MAN,
        meets=TUESDAY_14,
        role=LEADS,
        work="Avisos de ciclone que as pessoas já não acreditam.",
        hunch=(
            "Se dissermos também o que não sabemos, então acreditam mais, porque soa a "
            "verdade. Veríamos em quem sobe antes da segunda chamada."
        ),
        offers=("stories", "voice messages"),
        needs=("measurement",),
    ),
    Applicant(
        called="Lia Andrade",
        organisation="Escola de ofícios, Praia",
        zone="Atlantic/Cape_Verde",
        region=AFRICA,
        lang="pt-br",
        thinks_in="Portuguese",
        meets=TUESDAY_14,
        role=LEADS,
        sector=ENTERPRISE,
        work="Alunas que terminam o curso e não cobram pelo trabalho.",
        hunch=(
            "Se o preço for dito em voz alta na oficina, então cobram, porque já o "
            "disseram uma vez. Veríamos nos primeiros três recibos."
        ),
        offers=("money talk",),
        needs=("stories",),
        ties=("Tomé Nhampossa",),
    ),
    Applicant(
        called="Sunita Thapa",
        organisation="Lalitpur weavers",
        zone="Asia/Kathmandu",
        region=ASIA,
        meets=TUESDAY_14,
        role=LEADS,
        sector=ENTERPRISE,
        work="Orders that are promised by the shop and woven at night.",
        hunch=(
            "If weavers write the date themselves, then it is kept, because it was "
            "theirs to say. We would count nights worked."
        ),
        offers=("rotas", "ledgers"),
        needs=("money talk",),
        ties=("Priya Nair",),
    ),
    Applicant(
        called="Arif Rahman",
        organisation="Khulna flood shelters",
        zone="Asia/Dhaka",
        region=ASIA,
        gender=MAN,
        meets=TUESDAY_14,
        role=LEADS,
        size=MIDDLE,
        work="Shelters that women leave before the water has gone.",
        hunch=(
            "If women hold the key, then they stay, because they say who comes in. We "
            "would count who is there on the second morning."
        ),
        offers=("organising", "drills"),
        needs=("simple forms",),
    ),
    Applicant(
        called="Oksana Bondar",
        organisation="Lviv neighbours' kitchen",
        zone="Europe/Kyiv",
        region=EUROPE,
        meets=TUESDAY_14,
        role=LEADS,
        size=MIDDLE,
        work="Volunteers who come every day until they cannot come at all.",
        hunch=(
            "If nobody may cook two days in a row, then people last, because rest is a "
            "rule. We would see it in who is still here in spring."
        ),
        offers=("rotas", "listening"),
        needs=("measurement",),
    ),
    Applicant(
        called="Dewi Anggraini",
        organisation="Yogyakarta blind guides",
        zone="Asia/Jakarta",
        region=ASIA,
        meets=TUESDAY_14,
        size=ALONE,
        work="City walks by blind guides that schools book once.",
        hunch=(
            "If pupils guide us back to the gate, then schools return, because they "
            "learned a thing. We would count second bookings."
        ),
        offers=("stories",),
        needs=("organising",),
    ),
    Applicant(
        called="Kerubo Nyaboke",
        organisation="Kisii stone carvers",
        zone="Africa/Nairobi",
        region=AFRICA,
        lang="sw",
        thinks_in="Swahili",
        meets=TUESDAY_14,
        role=COORDINATES,
        work="Vumbi la mawe ambalo wachongaji hulizoea.",
        hunch=(
            "Tukichonga na maji kwa zamu, basi kikohozi kitapungua, kwa sababu zamu "
            "inakumbusha. Tutahesabu siku za ugonjwa."
        ),
        offers=("rotas",),
        needs=("photo counts",),
    ),
    Applicant(
        called="Yusuf Warsame",
        organisation="Garissa camel milk",
        zone="Africa/Nairobi",
        region=AFRICA,
        gender=MAN,
        thinks_in="Somali",
        role=COORDINATES,
        work="Milk that turns on the way because two lorries leave together.",
        hunch=(
            "If drivers draw lots for the hour, then less turns, because nobody waits "
            "for the other. We would weigh what is poured away."
        ),
        offers=("organising",),
        needs=("measurement",),
    ),
)

WAITLISTED = (
    Applicant(
        called="Anneke de Vries",
        organisation="Utrecht debt advice",
        zone="Europe/Amsterdam",
        region=EUROPE,
        thinks_in="Dutch",
        role=LEADS,
        size=LARGE,
        sector=PUBLIC,
        work="People who open our letters only when the bailiff has been.",
        hunch="If the letter says on its outside what it asks, then it is opened.",
        meets=TUESDAY_14,
    ),
    Applicant(
        called="Jorge Lima",
        organisation="Feira de Cuiabá",
        zone="America/Cuiaba",
        region=AMERICAS,
        lang="pt-br",
        thinks_in="Portuguese",
        gender=MAN,
        work="Uma feira em que os mesmos três decidem os lugares.",
        hunch="Se os lugares forem sorteados por mês, então entram bancas novas.",
    ),
)

TO_BE_READ = (
    Applicant(
        called="Zawadi Mrema",
        organisation="Dodoma midwives",
        zone="Africa/Dar_es_Salaam",
        region=AFRICA,
        lang="sw",
        thinks_in="Swahili",
        sector=PUBLIC,
        work="Wakunga wanaoitwa usiku bila kujua njia.",
        hunch=(
            "Familia zikichora njia kabla ya mwezi wa tisa, basi tutafika mapema, kwa "
            "sababu taa ya kwanza inajulikana. Tutapima dakika."
        ),
        offers=("simple forms",),
        needs=("measurement",),
    ),
    Applicant(
        called="Mireille Kouassi",
        organisation="Cacao d'Abengourou",
        zone="Africa/Abidjan",
        region=AFRICA,
        lang="fr",
        thinks_in="French",
        sector=ENTERPRISE,
        role=LEADS,
        work="Des pesées de cacao que les productrices ne voient pas.",
        hunch=(
            "Si deux productrices lisent la balance à voix haute, alors le prix est "
            "juste, parce qu'il est entendu. Nous comparerions deux saisons."
        ),
        offers=("organising",),
        needs=("ledgers",),
    ),
    Applicant(
        called="Rania Saleh",
        organisation="مكتبة الحافلة، صنعاء",
        zone="Asia/Aden",
        region=MIDDLE_EAST,
        lang="ar",
        thinks_in="Arabic",
        alone_is_fine=False,
        work="مكتبة في حافلة تتوقف حين ينقطع الوقود.",
        hunch=(
            "إذا تركنا صندوق كتب في كل شارع، فستستمر القراءة، لأن الكتب لا تنتظر "
            "الحافلة. سنرى ذلك في عدد الكتب التي تبدّلت."
        ),
        offers=("stories",),
        needs=("rotas",),
    ),
    Applicant(
        called="Owen Tapu",
        organisation="Suva reef wardens",
        zone="Pacific/Fiji",
        region="Pacific",
        gender=MAN,
        thinks_in="Fijian",
        size=MIDDLE,
        work="Reef wardens who are cousins of those who fish at night.",
        hunch=(
            "If wardens change villages each month, then talks happen, because nobody "
            "reports a cousin. We would count talks, not fines."
        ),
        offers=("listening",),
        needs=("stories",),
        meets=TUESDAY_14,
    ),
)

# What people wrote about the other two questions, by the language they wrote in.
FEEDBACK = {
    "en": (
        "A cook told me that my timetable was made for me. I asked her to make the "
        "next one, and it has held for a year.",
        "I was told that I thank people for working late. Now I thank them for "
        "stopping.",
        "A neighbour said our meeting was a lecture. We sat in a ring the next week, "
        "and I spoke last.",
    ),
    "fr": (
        "Une mère m'a dit que mes questions ressemblaient à un examen. Depuis, je "
        "commence par raconter ce que je ne sais pas.",
        "On m'a fait remarquer que je répondais toujours la première. Maintenant je "
        "compte jusqu'à dix.",
    ),
    "es": (
        "Una compañera me dijo que mi informe no hablaba de nadie. Ahora lo leemos "
        "juntas antes de enviarlo.",
        "Me dijeron que prometía demasiado. Hoy digo una sola cosa, con fecha.",
    ),
    "pt-br": (
        "Uma vizinha disse que o aviso parecia bronca. Reescrevemos com ela, em três "
        "linhas, e passou a ser lido.",
        "Disseram que eu decidia no caminho de casa. Agora decido na reunião, ou "
        "espero.",
    ),
    "ar": (
        "قالت لي زميلة إن اجتماعاتنا تُعقد حين تكون النساء في السوق. غيّرنا الموعد "
        "فتضاعف الحضور.",
        "قيل لي إنني أشرح كثيرًا ولا أسأل. صرت أبدأ بسؤال واحد ثم أصمت.",
    ),
    "sw": (
        "Mama mmoja aliniambia kuwa fomu yetu inauliza jina kabla ya shida. "
        "Tuligeuza mpangilio, na wengi zaidi wakajaza.",
        "Niliambiwa kuwa nasema haraka. Sasa nasubiri mtu mwingine azungumze kwanza.",
    ),
}
LEARN = {
    "en": (
        "How to stop a thing that does not work without anybody losing face.",
        "How to count something small without turning it into an inspection.",
        "To hear what an idea did to people before I defend it.",
    ),
    "fr": (
        "Savoir arrêter un essai sans que personne ne perde la face.",
        "Compter une petite chose sans en faire un contrôle.",
    ),
    "es": (
        "Aprender a pedir ayuda antes del cansancio.",
        "Medir algo pequeño sin convertirlo en una inspección.",
    ),
    "pt-br": (
        "Aprender a pedir ajuda antes de ficar sem fôlego.",
        "Medir uma coisa pequena sem que pareça fiscalização.",
    ),
    "ar": (
        "أن أتعلّم كيف نوقف ما لا ينفع دون أن يُحرج أحد.",
        "أن نحصي شيئًا صغيرًا دون أن يصير تفتيشًا.",
    ),
    "sw": (
        "Kujifunza kuacha jambo lisilofaa bila mtu kuaibika.",
        "Kujifunza kuhesabu kitu kidogo bila kukifanya ukaguzi.",
    ),
}
# One line of evidence for each level of each of the six usual criteria.
EVIDENCE = (
    (
        "There is no test here yet.",
        "Has an idea, and nothing that would show it.",
        "Could begin within a season.",
        "Says what would show it, and when.",
    ),
    (
        "No goal of their own.",
        "The goal is wide: to learn.",
        "A goal we could come back to.",
        "Says why now, and how they will notice.",
    ),
    (
        "Does not speak of feedback.",
        "Says it is welcome.",
        "Tells of a remark they took.",
        "Tells what they did differently the week after.",
    ),
    (
        "Tells what happened.",
        "Says what went badly.",
        "Names their own part in it.",
        "Draws a line from it that others could use.",
    ),
    (
        "Within their own tasks.",
        "Their team does it differently now.",
        "Neighbours come to ask.",
        "It changed a rule beyond their own place.",
    ),
    (
        "Not said.",
        "Will take part.",
        "Has a form to share.",
        "Has a practice, and says who could use it.",
    ),
)
