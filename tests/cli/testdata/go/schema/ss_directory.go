package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// DirectoryStatesDef names the states, in their order.
type DirectoryStatesDef struct {
	*am.StatesBase

	Refreshing   string
	Refreshed    string
	DirDebounced string
	DirCached    string
}

// DirectoryGroupsDef names the groups of states.
type DirectoryGroupsDef struct {
	R am.S
}

// DirectorySchema is the states: what they are, and how they relate.
var DirectorySchema = am.Schema{
	ssDirectory.Refreshing:   {Remove: sgDirectory.R},
	ssDirectory.Refreshed:    {Remove: sgDirectory.R},
	ssDirectory.DirDebounced: {Remove: sgDirectory.R},
	ssDirectory.DirCached:    {},
}

var (
	ssDirectory = am.NewStates(DirectoryStatesDef{})
	sgDirectory = am.NewStateGroups(DirectoryGroupsDef{
		R: am.S{ssDirectory.Refreshing, ssDirectory.Refreshed, ssDirectory.DirDebounced},
	})

	DirectoryStates = ssDirectory
	DirectoryGroups = sgDirectory
)
