package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// ExpenseStatesDef names the states, in their order.
type ExpenseStatesDef struct {
	*am.StatesBase

	CreatingExpense    string
	ExpenseCreated     string
	WaitingForApproval string
	ApprovalGranted    string
	PaymentInProgress  string
	PaymentCompleted   string
}

// ExpenseGroupsDef names the groups of states.
type ExpenseGroupsDef struct {
	Expense  am.S
	Approval am.S
	Payment  am.S
}

// ExpenseSchema is the states: what they are, and how they relate.
var ExpenseSchema = am.Schema{
	ssExpense.CreatingExpense: {Remove: sgExpense.Expense},
	ssExpense.ExpenseCreated:  {Remove: sgExpense.Expense},
	ssExpense.WaitingForApproval: {
		Auto:    true,
		Require: am.S{ssExpense.ExpenseCreated},
		Remove:  sgExpense.Approval,
	},
	ssExpense.ApprovalGranted: {Remove: sgExpense.Approval},
	ssExpense.PaymentInProgress: {
		Auto:    true,
		Require: am.S{ssExpense.ApprovalGranted},
		Remove:  sgExpense.Payment,
	},
	ssExpense.PaymentCompleted: {Remove: sgExpense.Payment},
}

var (
	ssExpense = am.NewStates(ExpenseStatesDef{})
	sgExpense = am.NewStateGroups(ExpenseGroupsDef{
		Expense:  am.S{ssExpense.CreatingExpense, ssExpense.ExpenseCreated},
		Approval: am.S{ssExpense.WaitingForApproval, ssExpense.ApprovalGranted},
		Payment:  am.S{ssExpense.PaymentInProgress, ssExpense.PaymentCompleted},
	})

	ExpenseStates = ssExpense
	ExpenseGroups = sgExpense
)
