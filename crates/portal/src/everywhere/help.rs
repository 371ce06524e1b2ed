//! `/aide`: one page a task, in the words of the pages; the same place for all (WCAG 3.2.6).

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use std::sync::Arc;

use super::tasks::{GROUPS, Group, Task, find};
use crate::Portal;
use crate::answer;
use crate::failure::Failure;
use crate::open::SignedIn;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "everywhere/aide.html")]
struct Index {
    shell: Shell,
    groups: &'static [Group],
}

#[derive(Template)]
#[template(path = "everywhere/tache.html")]
struct OneTask {
    shell: Shell,
    task: &'static Task,
    others: Vec<&'static Task>,
}

/// `GET /aide`
pub(super) async fn index(State(portal): State<Arc<Portal>>, SignedIn(viewer): SignedIn) -> Response<Body> {
    let shell = Shell::new(&portal, viewer.as_ref(), "Aide");
    answer::page(StatusCode::OK, &Index { shell, groups: GROUPS })
}

/// `GET /aide/{task}`
pub(super) async fn task(
    State(portal): State<Arc<Portal>>,
    SignedIn(viewer): SignedIn,
    Path(slug): Path<String>,
) -> Response<Body> {
    let Some((group, task)) = find(&slug) else {
        return Failure::UnknownAddress.page(&portal, viewer.as_ref());
    };
    let others = group.tasks.iter().filter(|other| other.slug != task.slug).collect();
    let shell = Shell::new(&portal, viewer.as_ref(), task.title);
    answer::page(StatusCode::OK, &OneTask { shell, task, others })
}
