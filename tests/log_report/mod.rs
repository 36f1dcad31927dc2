//! kea-log-report as its user meets it: recorded logs of real servers, in every shape, compared with what their clients saw.
mod bad_input;
mod continued;
mod harness;
mod named;
mod running;
mod served;
mod truth;
mod unread;
mod views;
