"""What each state of a job means, and which state may follow which."""

from collections.abc import Mapping

from engine.terms import JobState

#: What a state says to a supervisor.
MEANING: Mapping[JobState, str] = {
    JobState.QUEUED: "waits until it is due; nobody has called for it in this try",
    JobState.LEASED: "a worker has it and has not yet been allowed to dial",
    JobState.RUNNING: "the gate allowed the call and counted it; it may be on the line now",
    JobState.WAITING_RETRY: "a try ended without success; it waits for the next one",
    JobState.SUCCEEDED: "its call was conducted to the end; nothing more is to be done",
    JobState.FAILED: "its call ended in a way after which another try makes no sense",
    JobState.DEAD_LETTER: "all its tries were used up; a person may send it round again",
    JobState.CANCELED: "it will not be called: canceled by a person, a suppression or a rule",
    JobState.REVIEW: "its worker was lost while it may have been on the line: a person must look, nobody dials again",
}

#: The states a job may come to from each state.
MOVES: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.LEASED, JobState.CANCELED}),
    JobState.LEASED: frozenset(
        {
            JobState.LEASED,  # to another worker, when the lease ran out
            JobState.QUEUED,
            JobState.RUNNING,
            JobState.WAITING_RETRY,
            JobState.FAILED,
            JobState.DEAD_LETTER,
            JobState.CANCELED,
        }
    ),
    JobState.RUNNING: frozenset(
        {
            JobState.SUCCEEDED,
            JobState.WAITING_RETRY,
            JobState.FAILED,
            JobState.DEAD_LETTER,
            JobState.CANCELED,  # stopped between the gate and the dial
            JobState.QUEUED,  # too late for the dial
            JobState.REVIEW,
        }
    ),
    JobState.WAITING_RETRY: frozenset({JobState.LEASED, JobState.CANCELED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.DEAD_LETTER: frozenset({JobState.QUEUED, JobState.CANCELED}),
    JobState.CANCELED: frozenset(),
    JobState.REVIEW: frozenset({JobState.QUEUED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED}),
}

#: States in which nobody has dialled for the present try, so that a job can still be stopped.
STOPPABLE = (JobState.QUEUED, JobState.LEASED, JobState.WAITING_RETRY)
#: States under a lease.
LIVE = (JobState.LEASED, JobState.RUNNING)
