//! Random histories: what proptest draws, and how a draw becomes an act of the model.

use crate::model::{Act, Actor, Auth, AuthorOf, DAY, Draft, Mode, PEOPLE, Seen, Status, T, Who, World};
use proptest::prelude::*;

/// Birth dates: an adult, two who come of age during the history, a child.
pub const BIRTHS: [&str; 4] = ["19840715", "20090611", "20091001", "20150301"];

/// One history: when the patient was born, and what happens.
#[derive(Clone)]
pub struct History {
    pub birth: usize,
    pub steps: Vec<Step>,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "born {}", BIRTHS[self.birth])?;
        for (n, step) in self.steps.iter().enumerate() {
            match step {
                Step::Wait(minutes) => writeln!(f, "{n:>4} wait {minutes} minutes")?,
                Step::Do(actor, raw) => writeln!(f, "{n:>4} {actor:?}: {raw:?}")?,
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
pub enum Step {
    Wait(T),
    Do(Actor, Raw),
}

/// An act before its numbers are read as documents that exist (or just do not).
#[derive(Debug, Clone)]
pub enum Raw {
    /// Already an act.
    Plain(Act),
    /// Aimed at oneself half of the time, for who has a self.
    Authorise {
        who: WhoRaw,
        treating: bool,
        days: Option<T>,
    },
    End(WhoRaw),
    EndTreating(WhoRaw),
    Consent(Vec<WhoRaw>),
    Publish(Vec<RawDraft>),
    Visibility {
        doc: usize,
        to: Flip,
    },
    SetStatus {
        doc: usize,
        to: Status,
    },
    Read(Vec<usize>),
    Reference(usize),
}

/// A change of visibility, relative to what the document has.
#[derive(Debug, Clone, Copy)]
pub enum Flip {
    Masked,
    Hidden,
    Reps,
    All(Seen),
}

#[derive(Debug, Clone, Copy)]
pub enum WhoRaw {
    Self_,
    OwnStructure,
    Of(Who),
}

#[derive(Clone)]
pub struct RawDraft {
    pub ty: usize,
    pub author: Signs,
    pub visibility: Seen,
    pub delay_days: Option<T>,
    pub replaces: Option<usize>,
}

impl std::fmt::Debug for RawDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flag = |on: bool, word: &'static str| if on { word } else { "" };
        let v = self.visibility;
        write!(f, "type {} by {:?}", self.ty, self.author)?;
        write!(f, "{}{}{}", flag(v.masked, " masked"), flag(v.hidden, " hidden"), flag(v.reps, " reps"))?;
        self.delay_days.iter().try_for_each(|days| write!(f, " for {days} days"))?;
        self.replaces.iter().try_for_each(|back| write!(f, " replaces -{back}"))
    }
}

/// Who signs, seen from the depositor.
#[derive(Debug, Clone, Copy)]
pub enum Signs {
    Me,
    Colleague,
    Machine,
    MeElsewhere,
    Person(usize),
    Patient,
    AssuranceMaladie,
}

pub fn histories() -> impl Strategy<Value = History> {
    let steps = proptest::collection::vec(step(), 1..=200);
    (0..BIRTHS.len(), steps).prop_map(|(birth, steps)| History { birth, steps })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => prop::sample::select(vec![30, 600, DAY, 3 * DAY, 8 * DAY, 20 * DAY, 200 * DAY]).prop_map(Step::Wait),
        7 => (an_actor(), raw()).prop_map(|(actor, raw)| Step::Do(actor, raw)),
        2 => (prop_oneof![4 => Just(Actor::Patient), 1 => Just(Actor::Rep(0))], patient_raw())
            .prop_map(|(actor, raw)| Step::Do(actor, raw)),
    ]
}

pub fn an_actor() -> impl Strategy<Value = Actor> {
    let who = 0..PEOPLE.len();
    let normal = |who| Actor::Ps { who, mode: Mode::Normal, auth: Auth::Direct, secret: false };
    prop_oneof![
        4 => Just(Actor::Patient),
        2 => (0..3usize).prop_map(Actor::Rep),
        10 => who.clone().prop_map(normal),
        4 => (0..3usize).prop_map(normal),
        4 => (who, a_mode(), an_auth(), prop::bool::weighted(0.3))
            .prop_map(|(who, mode, auth, secret)| Actor::Ps { who, mode, auth, secret }),
        1 => (0..4usize, any::<bool>()).prop_map(|(structure, air)| Actor::Cpe { structure, air }),
        1 => (0..4usize, any::<bool>()).prop_map(|(structure, samu)| Actor::Cert { structure, samu }),
        2 => prop::sample::select(vec![
            Actor::OtherPatient, Actor::Desk, Actor::Insurer, Actor::Pilot, Actor::System, Actor::Loader,
        ]),
    ]
}

fn a_mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![
        Mode::Normal,
        Mode::Glace { reason: true },
        Mode::Glace { reason: true },
        Mode::Glace { reason: false },
        Mode::Samu,
    ])
}

fn an_auth() -> impl Strategy<Value = Auth> {
    prop::sample::select(vec![Auth::Direct, Auth::Air, Auth::Psc, Auth::Indirect])
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![4 => (0..PEOPLE.len()).prop_map(Who::Person), 1 => (0..4usize).prop_map(Who::Structure)]
}

fn who_raw() -> impl Strategy<Value = WhoRaw> {
    prop_oneof![
        4 => Just(WhoRaw::Self_),
        1 => Just(WhoRaw::OwnStructure),
        3 => who().prop_map(WhoRaw::Of),
    ]
}

fn seen() -> impl Strategy<Value = Seen> {
    let seen = |masked, hidden, reps| Seen { masked, hidden, reps };
    prop_oneof![
        4 => Just(seen(false, false, false)),
        2 => Just(seen(true, false, false)),
        2 => Just(seen(false, true, false)),
        2 => Just(seen(false, false, true)),
        1 => any::<(bool, bool, bool)>().prop_map(move |(m, h, r)| seen(m, h, r)),
    ]
}

fn draft() -> impl Strategy<Value = RawDraft> {
    let signs = prop_oneof![
        8 => Just(Signs::Me),
        2 => Just(Signs::Colleague),
        1 => Just(Signs::Machine),
        1 => Just(Signs::MeElsewhere),
        1 => (0..PEOPLE.len()).prop_map(Signs::Person),
        1 => Just(Signs::Patient),
        1 => Just(Signs::AssuranceMaladie),
    ];
    let delay = prop::option::weighted(0.15, 1..=16 as T);
    let replaces = prop::option::weighted(0.3, 0..20usize);
    (0..10usize, signs, seen(), delay, replaces).prop_map(|(ty, author, visibility, delay_days, replaces)| {
        RawDraft { ty, author, visibility, delay_days, replaces }
    })
}

fn raw() -> impl Strategy<Value = Raw> {
    let plain = prop_oneof![
        2 => Just(Act::Search),
        1 => Just(Act::AskStatus),
        1 => Just(Act::Administrative),
        1 => Just(Act::Rights),
        2 => Just(Act::Release),
        1 => Just(Act::Reactivate),
        2 => who().prop_map(Act::Block),
        2 => who().prop_map(Act::Unblock),
    ];
    prop_oneof![
        6 => plain.prop_map(Raw::Plain),
        6 => (who_raw(), prop::bool::weighted(0.3), prop::option::weighted(0.3, 1..500 as T))
            .prop_map(|(who, treating, days)| Raw::Authorise { who, treating, days }),
        1 => who_raw().prop_map(Raw::End),
        1 => who_raw().prop_map(Raw::EndTreating),
        2 => proptest::collection::vec(who_raw(), 1..4).prop_map(Raw::Consent),
        12 => proptest::collection::vec(draft(), 1..4).prop_map(Raw::Publish),
        8 => (0..20usize, prop_oneof![
            3 => Just(Flip::Masked),
            2 => Just(Flip::Hidden),
            2 => Just(Flip::Reps),
            1 => seen().prop_map(Flip::All),
        ]).prop_map(|(doc, to)| Raw::Visibility { doc, to }),
        6 => (0..20usize, prop::sample::select(vec![
            Status::Archived, Status::Approved, Status::Deleted, Status::Replaced,
        ])).prop_map(|(doc, to)| Raw::SetStatus { doc, to }),
        5 => proptest::collection::vec(0..20usize, 1..3).prop_map(Raw::Read),
        3 => (0..20usize).prop_map(Raw::Reference),
        1 => patient_raw(),
    ]
}

/// What the patient's side mostly does; others try it too.
fn patient_raw() -> impl Strategy<Value = Raw> {
    let switches = |(glace, samu, masked)| Act::Emergency { glace, samu, masked };
    prop_oneof![
        8 => (who(), prop::bool::weighted(0.35), prop::option::weighted(0.3, 1..500 as T))
            .prop_map(|(who, treating, days)| Raw::Authorise { who: WhoRaw::Of(who), treating, days }),
        2 => who().prop_map(|who| Raw::Plain(Act::Block(who))),
        1 => who().prop_map(|who| Raw::Plain(Act::Unblock(who))),
        1 => who().prop_map(|who| Raw::End(WhoRaw::Of(who))),
        1 => (0..PEOPLE.len()).prop_map(|p| Raw::EndTreating(WhoRaw::Of(Who::Person(p)))),
        2 => any::<(bool, bool, bool)>().prop_map(move |s| Raw::Plain(switches(s))),
        1 => any::<bool>().prop_map(|masked| Raw::Plain(Act::Default { masked })),
        2 => (0..2usize).prop_map(|n| Raw::Plain(Act::WithdrawConsent(n))),
        1 => Just(Raw::Plain(Act::Close)),
        2 => Just(Raw::Plain(Act::Reactivate)),
        3 => (0..20usize).prop_map(|doc| Raw::Visibility { doc, to: Flip::Masked }),
        3 => proptest::collection::vec(draft(), 1..3).prop_map(Raw::Publish),
    ]
}

/// Counted back from the latest deposit; 0 is the next number, which does not exist.
fn pick(raw: usize, world: &World) -> usize {
    let deposited = world.docs.len();
    match raw {
        0 => deposited,
        back => deposited.saturating_sub(1 + (back - 1) % deposited.max(1)),
    }
}

fn resolve_who(raw: WhoRaw, actor: &Actor) -> Who {
    match (raw, actor) {
        (WhoRaw::Of(who), _) => who,
        (WhoRaw::Self_, Actor::Ps { who, .. }) => Who::Person(*who),
        (WhoRaw::OwnStructure, Actor::Ps { who, .. }) => Who::Structure(PEOPLE[*who].structure),
        (_, Actor::Cpe { structure, .. } | Actor::Cert { structure, .. }) => Who::Structure(*structure),
        _ => Who::Person(0),
    }
}

fn resolve_draft(raw: &RawDraft, actor: &Actor, world: &World) -> Draft {
    let types: [usize; 10] = match actor {
        Actor::Patient | Actor::Rep(_) => [4, 5, 4, 5, 4, 5, 4, 0, 6, 4],
        Actor::Insurer => [6, 6, 6, 6, 6, 6, 6, 6, 0, 4],
        _ => [0, 1, 0, 1, 2, 3, 0, 1, 4, 6],
    };
    let me = match actor {
        Actor::Ps { who, .. } => Some(*who),
        _ => None,
    };
    let structure = match actor {
        Actor::Ps { who, .. } => PEOPLE[*who].structure,
        Actor::Cpe { structure, .. } | Actor::Cert { structure, .. } => *structure,
        _ => 0,
    };
    let colleague = (0..PEOPLE.len()).find(|p| PEOPLE[*p].structure == structure && Some(*p) != me);
    let machine = AuthorOf::Device(structure);
    let author = match (raw.author, actor) {
        (Signs::Me, Actor::Patient | Actor::Rep(_)) => AuthorOf::Patient,
        (Signs::Me, Actor::Insurer) => AuthorOf::AssuranceMaladie,
        (Signs::Me, _) => me.map_or(machine, |p| AuthorOf::Person(p, structure)),
        (Signs::MeElsewhere, _) => me.map_or(machine, |p| AuthorOf::Person(p, (structure + 1) % 4)),
        (Signs::Colleague, _) => colleague.map_or(machine, |p| AuthorOf::Person(p, structure)),
        (Signs::Machine, _) => machine,
        (Signs::Person(p), _) => AuthorOf::Person(p, PEOPLE[p].structure),
        (Signs::Patient, _) => AuthorOf::Patient,
        (Signs::AssuranceMaladie, _) => AuthorOf::AssuranceMaladie,
    };
    Draft {
        ty: types[raw.ty],
        author,
        visibility: raw.visibility,
        delay_days: raw.delay_days,
        replaces: raw.replaces.map(|n| pick(n, world)),
    }
}

/// The act a draw is in this world.
pub fn resolve(raw: &Raw, actor: &Actor, world: &World) -> Act {
    match raw {
        Raw::Plain(act) => act.clone(),
        Raw::Authorise { who, treating, days } => {
            Act::Authorise { who: resolve_who(*who, actor), treating: *treating, days: *days }
        }
        Raw::End(who) => Act::End(resolve_who(*who, actor)),
        Raw::EndTreating(who) => match resolve_who(*who, actor) {
            Who::Person(p) => Act::EndTreating(p),
            Who::Structure(_) => Act::EndTreating(0),
        },
        Raw::Consent(team) => Act::Consent(team.iter().map(|w| resolve_who(*w, actor)).collect()),
        Raw::Publish(lot) => Act::Publish(lot.iter().map(|d| resolve_draft(d, actor, world)).collect()),
        Raw::Visibility { doc, to } => {
            let number = pick(*doc, world);
            let now = world.doc(number).map_or(Seen::default(), |d| Seen {
                masked: d.masked,
                hidden: world.hidden(d),
                reps: d.reps,
            });
            let to = match to {
                Flip::Masked => Seen { masked: !now.masked, ..now },
                Flip::Hidden => Seen { hidden: !now.hidden, ..now },
                Flip::Reps => Seen { reps: !now.reps, ..now },
                Flip::All(seen) => *seen,
            };
            Act::Visibility { doc: number, to }
        }
        Raw::SetStatus { doc, to } => Act::SetStatus { doc: pick(*doc, world), to: *to },
        Raw::Read(docs) => Act::Read(docs.iter().map(|n| pick(*n, world)).collect()),
        Raw::Reference(doc) => Act::Reference(pick(*doc, world)),
    }
}
