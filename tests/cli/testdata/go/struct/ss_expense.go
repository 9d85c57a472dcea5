package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	CreatingExpense: {Remove: GroupExpense},
	ExpenseCreated:  {Remove: GroupExpense},
	WaitingForApproval: {
		Auto:    true,
		Require: S{ExpenseCreated},
		Remove:  GroupApproval,
	},
	ApprovalGranted: {Remove: GroupApproval},
	PaymentInProgress: {
		Auto:    true,
		Require: S{ApprovalGranted},
		Remove:  GroupPayment,
	},
	PaymentCompleted: {Remove: GroupPayment},
}

// Groups of states.
var (
	GroupExpense  = S{CreatingExpense, ExpenseCreated}
	GroupApproval = S{WaitingForApproval, ApprovalGranted}
	GroupPayment  = S{PaymentInProgress, PaymentCompleted}
)

// The states by name.
const (
	CreatingExpense    = "CreatingExpense"
	ExpenseCreated     = "ExpenseCreated"
	WaitingForApproval = "WaitingForApproval"
	ApprovalGranted    = "ApprovalGranted"
	PaymentInProgress  = "PaymentInProgress"
	PaymentCompleted   = "PaymentCompleted"
)

// Names are the names of the states, in their order.
var Names = S{
	CreatingExpense,
	ExpenseCreated,
	WaitingForApproval,
	ApprovalGranted,
	PaymentInProgress,
	PaymentCompleted,
	am.Exception,
}
